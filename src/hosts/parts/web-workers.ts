// Threads by Web Workers: Deno's, and those of pages.
//
// Nobody is told when one of these ends. So each holds a lock as long as it lives, whose name it tells first: whoever
// gets the lock knows that it is gone. One that ends in order says so.

import type { ParentEnd, WorkerEnd, WorkerEvents } from "../../drivers/workers.ts";
import { format } from "../../support/format.ts";

/** The first message of a worker: the lock that it holds. */
interface Life {
  readonly lock: string | null;
}

/** The last message of a worker that ends in order. */
const FAREWELL = "wasyncio: the worker ends";

/** Absent where a page is not secure: then it is not told when a worker ends out of order. */
const locks = (): LockManager | undefined => globalThis.navigator.locks;

/** Throws TypeError for what is no Web Worker. */
export function adoptWebWorker(worker: unknown, events: WorkerEvents): WorkerEnd {
  if (worker instanceof Worker) return endOf(worker, events);
  throw new TypeError(`Invalid worker: expected a Worker, got ${format(worker)}`);
}

export function endOf(worker: Worker, events: WorkerEvents): WorkerEnd {
  const watch = new AbortController();
  let isOver = false;
  let reason = "it ended";
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    watch.abort();
    events.ended(reason, null);
  };
  const stop = (): void => {
    worker.terminate();
    queueMicrotask(end); // it runs no further; when its lock is free differs: of a busy one in Deno never
  };
  const begin = ({ data: { lock } }: MessageEvent<Life>): void => {
    if (lock !== null) locks()?.request(lock, { signal: watch.signal }, end).catch(ignore);
    worker.onmessage = ({ data }) => {
      if (data === FAREWELL) end();
      else if (!isOver) events.message(data);
    };
  };
  worker.onmessage = begin;
  worker.onmessageerror = () => {
    reason = "a message of it cannot be read";
    stop();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reason = event.message;
    if (worker.onmessage === begin) stop(); // else its lock tells whether it is gone
  };
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer] as Transferable[]),
    stop: () => {
      reason = "it was stopped";
      stop();
    },
  };
}

/** Of a worker that has ended otherwise nobody waits for the lock. */
function ignore(): void {}

/** What a worker knows as its own global object. */
interface WorkerScope {
  postMessage(message: unknown, transfer: readonly object[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

/** Whoever has started this worker; null in what is none. */
export function parentOfWebWorker(): ParentEnd | null {
  const scope = globalThis as unknown as Partial<WorkerScope>;
  const { postMessage, close } = scope;
  if (!isWorkerScope() || postMessage === undefined || close === undefined) return null;
  return {
    start: (receive) => {
      const early: unknown[] = [];
      scope.onmessage = ({ data }) => early.push(data);
      const begin = (lock: string | null): void => {
        postMessage.call(globalThis, { lock } satisfies Life, []);
        scope.onmessage = ({ data }) => receive(data);
        early.forEach(receive);
      };
      const manager = locks();
      if (manager === undefined) return begin(null);
      const lock = `wasyncio ${crypto.randomUUID()}`;
      const hold = (): Promise<never> => {
        begin(lock);
        return new Promise(() => {});
      };
      void manager.request(lock, hold);
    },
    post: (message, transfer) => postMessage.call(globalThis, message, transfer),
    exit: () => {
      postMessage.call(globalThis, FAREWELL, []);
      close.call(globalThis);
    },
  };
}

/** Whether this is the realm of a worker, whose global object says so by its class. */
function isWorkerScope(): boolean {
  return String(globalThis) === "[object DedicatedWorkerGlobalScope]";
}
