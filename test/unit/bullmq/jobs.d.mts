import type { Coroutine } from "wasyncio";

export function add(left: number, right: number): number;
export function echo<T>(value: T): T;
export function later<T>(value: T): Promise<T>;
export function nothing(): Coroutine<void>;
export function fail(): never;
export function failWith(value: unknown): never;
export function failWithMessage(message: unknown): never;
export function failWithSymbol(): never;
export function unsendable(): { at: Date };
export function tell(count: number): Coroutine<number>;
export function about(): Coroutine<{ key: string; attempt: number; workerName: string; aborted: boolean }>;
export function flaky(succeedsAt: number, file: string): number;
export function goOn(file: string): Coroutine<never>;
export function nap(seconds: number, file: string): Coroutine<string>;
export function noted(file: string, text: string): void;
export function block(seconds: number, file: string): string;
