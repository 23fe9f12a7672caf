import type { ContextVar } from "wasyncio";

export const variable: ContextVar<string>;
export function valueOfVariable(): string;
export function workerName(): string;
export function blocking(seconds: number, flags: Int32Array): void;
