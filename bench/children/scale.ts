// One measurement of scale, in a process of its own: `scale.mjs DOORS KIND COUNT WARM_UP MEASURE`, KIND tasks or
// timers. Prints nanoseconds for each phase of a task's or a timer's life, and the bytes that one takes while it waits.
//
// In virtual time, one iteration after the other, so that the phases stand apart. Each repetition has a loop of its
// own.

import { type Library, type VirtualLoop, irregular, loadLibrary } from "./library.ts";

export interface ScaleFigures {
  /** Nanoseconds for each one, by phase. */
  phases: Record<string, number>;
  /** Bytes for each one that waits: in wasm, or in the typed arrays of a core without; and in the engine's heap. */
  coreBytes: number;
  heapBytes: number;
}

/** A life in phases: each piece of work is timed under its name. `atRest` is called where all wait. */
type Life = (loop: VirtualLoop, delays: Float64Array, phase: Phase, atRest: () => void) => void;
type Phase = (name: string, work: () => void) => void;

/**
 * So many garbage collections leave nothing behind: an engine keeps compiled code that is not used for some of them.
 */
const COLLECTIONS = 8;
/** Weighed as often: what the engine compiles beside may hold a loop that is over while one of them begins. */
const WEIGHINGS = 3;
const REST = 10_000; // warm-up works on as many
const LATER = 3; // seconds: later than all delays

const lives = (library: Library): Record<string, Life> => ({
  tasks(loop, delays, phase, atRest) {
    let finished = 0;
    function* work(delay: number) {
      yield* library.sleep(delay);
      finished++;
    }
    phase("start", () => {
      for (const delay of delays) loop.createTask(work(delay));
    });
    phase("sleep", () => iterate(loop));
    atRest();
    passTime(loop, LATER);
    phase("wake", () => iterate(loop));
    phase("finish", () => iterate(loop));
    expectCount(finished, delays.length);
  },

  timers(loop, delays, phase, atRest) {
    let fired = 0;
    const fire = (): void => void fired++;
    phase("add", () => {
      for (const delay of delays) loop.callLater(delay, fire);
    });
    atRest();
    passTime(loop, LATER);
    phase("fire", () => iterate(loop));
    expectCount(fired, delays.length);
    const handles = Array.from(delays, (delay) => loop.callLater(delay, fire));
    phase("cancel", () => {
      for (const handle of handles) handle.cancel();
      iterate(loop); // a loop forgets cancelled timers in its iterations
    });
    expectCount(fired, delays.length);
  },
});

const [doors, kind, count, warmUp, measure] = process.argv.slice(2) as [string, string, ...string[]];
const library = await loadLibrary(doors);
const live = lives(library)[kind];
const collect = (): void => globalThis.gc?.();

repeat(REST, Number(warmUp));
const phases = repeat(Number(count), Number(measure));
console.log(JSON.stringify({ phases, ...middleWeight(Number(count)) } satisfies ScaleFigures));

/** Lives it again and again for so many seconds, at least once. Returns the mean of each phase in nanoseconds. */
function repeat(count: number, budget: number): Record<string, number> {
  const delays = irregular(count);
  const seconds: Record<string, number> = {};
  const started = performance.now();
  let times = 0;
  do {
    const loop = new library.VirtualEventLoop();
    live(
      loop,
      delays,
      (name, work) => {
        const from = performance.now();
        work();
        seconds[name] = (seconds[name] ?? 0) + (performance.now() - from) / 1000;
      },
      () => {},
    );
    loop.close();
    times++;
  } while (performance.now() - started < budget * 1000);
  return Object.fromEntries(Object.entries(seconds).map(([name, sum]) => [name, (sum / times / count) * 1e9]));
}

function middleWeight(count: number): ReturnType<typeof weigh> {
  const weights = Array.from({ length: WEIGHINGS }, () => weigh(count));
  return weights.sort((left, right) => left.heapBytes - right.heapBytes)[WEIGHINGS >> 1];
}

function weigh(count: number): { coreBytes: number; heapBytes: number } {
  const delays = irregular(count);
  const loop = new library.VirtualEventLoop();
  const before = bytesOf(loop);
  let after = before;
  live(
    loop,
    delays,
    (_, work) => work(),
    () => (after = bytesOf(loop)),
  );
  return { coreBytes: (after.core - before.core) / count, heapBytes: (after.heap - before.heap) / count };
}

function bytesOf(loop: VirtualLoop): { core: number; heap: number } {
  for (let times = 0; times < COLLECTIONS; times++) collect();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  const memory = loop.core.wasm?.instance.exports.memory as WebAssembly.Memory | undefined;
  return { core: memory?.buffer.byteLength ?? arrayBuffers, heap: heapUsed };
}

/** Runs one iteration. */
function iterate(loop: VirtualLoop): void {
  loop.stop();
  loop.runForeverSync();
}

function passTime(loop: VirtualLoop, seconds: number): void {
  (loop.host as unknown as { jumpTo(time: number): void }).jumpTo(loop.time() + seconds);
}

function expectCount(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${actual} of ${expected} came to their end`);
}
