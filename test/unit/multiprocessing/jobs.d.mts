// The types of the jobs of the tests.

import type { Coroutine } from "wasyncio";
import type {
  Barrier,
  Condition,
  DictProxy,
  Event,
  ListProxy,
  Lock,
  LoopHandle,
  NamespaceProxy,
  Queue,
  RLock,
  Semaphore,
  Value,
} from "wasyncio/multiprocessing";

type Lockable = Lock | RLock | Semaphore | Condition | Value;

export function identity<T>(value: T): T;
export function count(value: Value, times: number, lock?: Lockable): void;
export function countAsTask(value: Value, times: number, lock?: Lockable): Coroutine<void>;
export function enter(places: Semaphore, inside: Value, most: Value, times: number): void;
export function tryLock(lock: Lockable, timeout: number | null): boolean;
export function recursive(lock: RLock): boolean;
export function awaitEvent(event: Event, timeout: number | null): boolean;
export function take(condition: Condition, value: Value): number;
export function notify(condition: Condition): void;
export function meet(barrier: Barrier, timeout: number | null): number;
export function produce(queue: Queue<number>, from: number, to: number): void;
export function consume(queue: Queue<number>, times: number): number[];
export function consumeAsTask(queue: Queue<number>, times: number): Coroutine<number[]>;
export function getOr(queue: Queue<number>, timeout: number | null): number;
export function getNowaitInLoop(queue: Queue<number>): Coroutine<number>;
export function lockOfQueue(queue: Queue<{ lock: Lock }>, value: Value, times: number): Coroutine<void>;
export function processName(): string;
export function fail(): never;
export function exit(code: number): void;
export function spin(flag?: Event): void;
export function holdForEver(lock: Lock, flag: Event): void;
export function newLock(): Lock;
export function fill(
  dict: DictProxy<string, string>,
  list: ListProxy<string>,
  names: NamespaceProxy<{ last: string }>,
  key: string,
): Coroutine<string | undefined>;
export function popEmpty(list: ListProxy<string>): Coroutine<string>;
export const arrived: unknown[];
export function square(value: number): Coroutine<number>;
export function getWithin(queue: Queue<number>, delays: number[]): Coroutine<number[]>;
export function arriveFrom(handle: LoopHandle, values: unknown[]): void;
export function squareFrom(handle: LoopHandle, values: number[]): number[];
export function squareFromTask(handle: LoopHandle, value: number): Coroutine<number>;
export function napFrom(handle: LoopHandle, timeout: number): unknown[];
export function napFromTask(handle: LoopHandle): Coroutine<string>;
export function noCoroutineFrom(handle: LoopHandle): unknown;
export function closureFrom(handle: LoopHandle): number;
