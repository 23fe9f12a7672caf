// Logs as Chrome trace events: what the format asks for, and what Perfetto takes silently amiss (slices that cross on a
// lane, arrows that hang in the air), for runs of all kinds.

import { type Coroutine, createTask, getRunningLoop, sleep } from "wasyncio";
import { type SimulationLog, simulate } from "wasyncio/testing";
import { type SliceEvent, type TimelineTrace, type TraceEvent, toTimeline } from "wasyncio/timeline";
import { describe, expect, test } from "vitest";
import { HOSTILE, hostileLog, largeLog, smallLog } from "./timeline-programs.ts";

/** A task that starts another one, and then waits for it. */
function tinyLog(): SimulationLog {
  const { log } = simulate(
    function* () {
      const child = createTask(sleep(0.5), { name: "child" });
      getRunningLoop().callSoon(function greet() {});
      yield* child;
    },
    { debug: false },
  );
  return log;
}

/** Years between steps, more of them than a viewer can show, and moments that a microsecond does not tell apart. */
function unevenLog(): SimulationLog {
  function* pause(...seconds: number[]): Coroutine<void> {
    for (const duration of seconds) yield* sleep(duration);
  }
  return simulate(function* () {
    const tasks = [pause(1e-9, 1e-9, 0.1), pause(3600, 86_400), pause(1e8, 1e10), pause(1e-7, 1e-7, 1e-7)];
    for (const task of tasks.map((coroutine) => createTask(coroutine))) yield* task;
  }).log;
}

const LOGS: Readonly<Record<string, () => SimulationLog>> = {
  tiny: tinyLog,
  small: smallLog,
  hostile: hostileLog,
  uneven: unevenLog,
  large: () => largeLog(50, 2000),
  "without a step": () => ({ actors: [], steps: [], time: 0 }),
  "that fails at once": () =>
    simulate(function* () {
      throw new Error("no start");
    }).log,
  "of a deadlock": () =>
    simulate(function* () {
      yield* getRunningLoop().createFuture<never>();
    }).log,
};

const slicesOf = ({ traceEvents }: TimelineTrace): SliceEvent[] => traceEvents.filter(({ ph }) => ph === "X") as never;

/** The names of its lanes, by number. */
function lanesOf({ traceEvents }: TimelineTrace): Map<number, string> {
  const lanes = new Map<number, string>();
  for (const event of traceEvents)
    if (event.name === "thread_name" && event.ph === "M" && "name" in event.args) lanes.set(event.tid, event.args.name);
  return lanes;
}

const FIELDS: Readonly<Record<TraceEvent["ph"], readonly string[]>> = {
  M: ["args", "name", "ph", "pid", "tid"],
  X: ["args", "cat", "cname", "dur", "name", "ph", "pid", "tid", "ts"],
  s: ["cat", "id", "name", "ph", "pid", "tid", "ts"],
  f: ["bp", "cat", "id", "name", "ph", "pid", "tid", "ts"],
};
const OPTIONAL = ["cname"];

/** What is wrong with an event by itself. */
function faultsOf(event: TraceEvent): string[] {
  const fields = FIELDS[event.ph] ?? [];
  const faults = [
    ...fields.filter((field) => !(field in event) && !OPTIONAL.includes(field)).map((field) => `has no ${field}`),
    ...Object.keys(event)
      .filter((field) => !fields.includes(field))
      .map((field) => `has ${field}`),
  ];
  const check = (right: boolean, fault: string): unknown => right || faults.push(fault);
  check(event.pid === 1 && Number.isInteger(event.tid), "is of no lane");
  check(typeof event.name === "string" && event.name !== "", "has no name");
  if (event.ph === "M") {
    check(["process_name", "thread_name", "thread_sort_index"].includes(event.name), "names nothing known");
    const [[field, value], ...others] = Object.entries(event.args) as [string, unknown][];
    check(others.length === 0, "names two things");
    if (event.name === "thread_sort_index") check(field === "sort_index" && value === event.tid - 1, "has no place");
    else check(field === "name" && typeof value === "string", "gives no name");
    return faults;
  }
  // Perfetto keeps nanoseconds in 64 bits.
  check(Number.isFinite(event.ts) && event.ts >= 0 && event.ts * 1000 < 2 ** 63, "is at no time");
  if (event.ph === "X") {
    check(Number.isFinite(event.dur) && event.dur > 0, "has no width");
    check(["step", "step,error", "step,cancelled", "wait"].includes(event.cat), "is of no category");
    check([undefined, "terrible", "bad", "grey"].includes(event.cname), "has a colour that chrome://tracing lacks");
    for (const value of Object.values(event.args))
      check(["string", "number"].includes(typeof value) || Array.isArray(value), "has an argument that is not plain");
  } else {
    check(event.cat === "flow" && ["wake", "spawn", "schedule"].includes(event.name), "is no arrow");
    check(Number.isInteger(event.id) && event.id > 0, "has no id");
    if (event.ph === "f") check(event.bp === "e", "would end at the next slice");
  }
  return faults;
}

describe.each(Object.entries(LOGS))("a log %s", (_, logOf) => {
  const log = logOf();
  describe.each(["time", "order"] as const)("by %s", (scale) => {
    const trace = toTimeline(log, { scale });
    const slices = slicesOf(trace);
    const lanes = lanesOf(trace);

    test("is made of valid events", () => {
      expect(trace.traceEvents.flatMap((event) => faultsOf(event).map((fault) => [fault, event]))).toEqual([]);
      expect(trace.displayTimeUnit).toBe("ms");
      expect(trace.otherData).toMatchObject({ steps: log.steps.length, scale });
    });

    test("names each lane once, and has no event on any other", () => {
      const metadata = trace.traceEvents.filter(({ ph }) => ph === "M").map(({ name, tid }) => `${name} ${tid}`);
      const numbers = [...lanes.keys()];
      expect(numbers).toEqual(numbers.map((__, index) => index + 1));
      expect(metadata).toEqual([
        "process_name 0",
        ...numbers.flatMap((tid) => [`thread_name ${tid}`, `thread_sort_index ${tid}`]),
      ]);
      const tasks = log.actors.filter(({ kind }) => kind === "task").map(({ name }) => name);
      expect([...lanes.values()].slice(0, tasks.length)).toEqual(tasks);
      expect(["", "callbacks", "timers", "callbacks,timers"]).toContain([...lanes.values()].slice(tasks.length).join());
      for (const { ph, tid } of trace.traceEvents) if (ph !== "M") expect(lanes.has(tid)).toBe(true);
    });

    test("goes forward in time, names first", () => {
      const times = trace.traceEvents.map((event) => ("ts" in event ? event.ts : -1));
      expect(times).toEqual([...times].sort((left, right) => left - right));
    });

    test("has each step once, in its order, in the lane of who made it", () => {
      const steps = slices.filter(({ cat }) => cat !== "wait");
      expect(steps.map(({ args }) => args["step"])).toEqual(log.steps.map(({ index }) => index));
      for (let index = 1; index < steps.length; index++)
        expect(steps[index].ts).toBeGreaterThanOrEqual(steps[index - 1].ts + steps[index - 1].dur);
      const laneOf = (index: number): string => {
        const { kind, name } = log.actors[log.steps[index].actor];
        return kind === "task" ? name : `${kind}s`;
      };
      expect(steps.map(({ tid }) => lanes.get(tid))).toEqual(log.steps.map(({ index }) => laneOf(index)));
    });

    test("has slices of a lane one behind the other", () => {
      const ends = new Map<number, number>();
      for (const { tid, ts, dur, name } of slices) {
        expect(ts, name).toBeGreaterThanOrEqual(ends.get(tid) ?? 0);
        ends.set(tid, ts + dur);
      }
    });

    test("fastens both ends of each arrow to a step", () => {
      const ends = new Map<number, TraceEvent[]>();
      for (const event of trace.traceEvents)
        if (event.ph === "s" || event.ph === "f") ends.set(event.id, [...(ends.get(event.id) ?? []), event]);
      const middles = new Set(
        slices.filter(({ cat }) => cat !== "wait").map(({ tid, ts, dur }) => `${tid} ${ts + dur / 2}`),
      );
      for (const arrow of ends.values()) {
        expect(arrow.map(({ ph }) => ph)).toEqual(["s", "f"]);
        expect(new Set(arrow.map(({ name }) => name)).size).toBe(1);
        for (const event of arrow) expect("ts" in event && middles.has(`${event.tid} ${event.ts}`)).toBe(true);
      }
      expect(ends.size).toBeGreaterThanOrEqual(log.steps.length > 1 ? 1 : 0);
    });

    test("is whole as JSON", () => {
      expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
    });
  });

  test("is drawn the same for the same run", () => {
    const [one, other] = [1, 2].map(() => JSON.stringify(toTimeline(logOf())));
    expect(other).toBe(one);
  });
});

describe("a small run", () => {
  const log = smallLog();
  const trace = toTimeline(log);
  const inLane = (wanted: string): string[] => {
    const lanes = lanesOf(trace);
    return slicesOf(trace)
      .filter(({ tid }) => lanes.get(tid) === wanted)
      .map(({ name }) => name.replace(/ \d+/, ""));
  };
  const categories = (category: string): SliceEvent[] => slicesOf(trace).filter(({ cat }) => cat === category);

  test("shows what a task waits for", () => {
    expect(inLane("Grace")).toEqual([
      "ready",
      "step",
      "waits for Event",
      "ready",
      "step",
      "waits for Lock",
      "step",
      "sleeps until s",
      "step",
    ]);
  });

  test("shows an error and a cancellation", () => {
    expect(categories("step,error")).toMatchObject([{ cname: "terrible", args: { time: "1 h 0 min 0 s" } }]);
    expect(categories("step,cancelled")).toMatchObject([{ cname: "bad", args: { time: "1.25 s" } }]);
    expect(inLane("refill").at(-1)).toBe("step throws");
    expect(inLane("opening hours").at(-1)).toBe("step is cancelled");
  });

  test("shows a task that waits to the end", () => {
    const last = slicesOf(trace).filter(({ args }) => "never goes on" in args);
    expect(last.map(({ name, tid }) => [lanesOf(trace).get(tid), name])).toEqual([["night watch", "waits for Event"]]);
    expect(last[0].ts + last[0].dur).toBe(trace.traceEvents.reduce((end, event) => Math.max(end, endOf(event)), 0));
  });

  test("shows callbacks and timers by name, in lanes of their own", () => {
    expect(inLane("timers")).toEqual(["step open"]);
    expect(inLane("callbacks")[0]).toBe("step greet");
  });

  test("tells where a step stopped, and who was woken", () => {
    const [open] = slicesOf(trace).filter(({ name }) => name.endsWith(" open"));
    expect(open.args["woke"]).toEqual(["Ada", "Grace", "Edsger"]);
    expect(open.ts).toBe(500_000);
    const [step] = slicesOf(trace).filter(({ args }) => args["ended"] === "waits for Lock");
    expect(step.args["at"]).toMatch(/^buy \(.*timeline-programs\.ts:\d+:\d+\)$/);
  });

  test("has all names as they are", () => {
    const names = [...lanesOf(toTimeline(hostileLog())).values()];
    expect(names.slice(0, 2)).toEqual([`${HOSTILE}Task-1`, `${HOSTILE}Ada`]);
  });
});

function endOf(event: TraceEvent): number {
  return event.ph === "X" ? event.ts + event.dur : 0;
}

describe("long times", () => {
  test("an hour is an hour wide by time, and no wider than a step by order", () => {
    const { log } = simulate(() => sleep(3600));
    const widthOf = (scale: "time" | "order"): number | undefined =>
      slicesOf(toTimeline(log, { scale })).find(({ cat }) => cat === "wait")?.dur;
    expect(widthOf("time")).toBe(3600e6 - 1);
    expect(widthOf("order")).toBeUndefined();
  });

  test("steps of one moment stand side by side", () => {
    const { log } = simulate(function* () {
      for (let turn = 0; turn < 3; turn++) yield* sleep(0);
    });
    expect(slicesOf(toTimeline(log)).map(({ ts, dur }) => [ts, dur])).toEqual(log.steps.map((_, at) => [at, 1]));
  });
});

test("a tiny run is drawn like this", () => {
  expect(toTimeline(tinyLog()).traceEvents.map((event) => JSON.stringify(event))).toMatchInlineSnapshot(`
    [
      "{"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"simulation"}}",
      "{"ph":"M","name":"thread_name","pid":1,"tid":1,"args":{"name":"Task-1"}}",
      "{"ph":"M","name":"thread_sort_index","pid":1,"tid":1,"args":{"sort_index":0}}",
      "{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"child"}}",
      "{"ph":"M","name":"thread_sort_index","pid":1,"tid":2,"args":{"sort_index":1}}",
      "{"ph":"M","name":"thread_name","pid":1,"tid":3,"args":{"name":"callbacks"}}",
      "{"ph":"M","name":"thread_sort_index","pid":1,"tid":3,"args":{"sort_index":2}}",
      "{"ph":"X","name":"step 0","cat":"step","pid":1,"tid":1,"ts":0,"dur":1,"args":{"step":0,"time":"0 s","iteration":1,"began":"resumed","ended":"waits for Task-2 'child'","woke":["child","greet"]}}",
      "{"ph":"s","name":"spawn","cat":"flow","pid":1,"tid":1,"ts":0.5,"id":1}",
      "{"ph":"s","name":"schedule","cat":"flow","pid":1,"tid":1,"ts":0.5,"id":2}",
      "{"ph":"X","name":"waits for Task-2 'child'","cat":"wait","pid":1,"tid":1,"ts":1,"dur":500000,"cname":"grey","args":{"after step":0,"before step":4}}",
      "{"ph":"X","name":"step 1","cat":"step","pid":1,"tid":2,"ts":1,"dur":1,"args":{"step":1,"time":"0 s","iteration":2,"began":"resumed","ended":"sleeps until 0.5 s"}}",
      "{"ph":"f","name":"spawn","cat":"flow","pid":1,"tid":2,"ts":1.5,"id":1,"bp":"e"}",
      "{"ph":"X","name":"sleeps until 0.5 s","cat":"wait","pid":1,"tid":2,"ts":2,"dur":499998,"cname":"grey","args":{"after step":1,"before step":3}}",
      "{"ph":"X","name":"step 2 greet","cat":"step","pid":1,"tid":3,"ts":2,"dur":1,"args":{"step":2,"time":"0 s","iteration":2,"began":"called","ended":"returns"}}",
      "{"ph":"f","name":"schedule","cat":"flow","pid":1,"tid":3,"ts":2.5,"id":2,"bp":"e"}",
      "{"ph":"X","name":"step 3","cat":"step","pid":1,"tid":2,"ts":500000,"dur":1,"args":{"step":3,"time":"500 ms","iteration":4,"began":"resumed","ended":"returns","woke":"Task-1"}}",
      "{"ph":"s","name":"wake","cat":"flow","pid":1,"tid":2,"ts":500000.5,"id":3}",
      "{"ph":"X","name":"step 4","cat":"step","pid":1,"tid":1,"ts":500001,"dur":1,"args":{"step":4,"time":"500 ms","iteration":5,"began":"resumed","ended":"returns","woke":"endOfProgram"}}",
      "{"ph":"f","name":"wake","cat":"flow","pid":1,"tid":1,"ts":500001.5,"id":3,"bp":"e"}",
      "{"ph":"s","name":"schedule","cat":"flow","pid":1,"tid":1,"ts":500001.5,"id":4}",
      "{"ph":"X","name":"step 5 endOfProgram","cat":"step","pid":1,"tid":3,"ts":500002,"dur":1,"args":{"step":5,"time":"500 ms","iteration":6,"began":"called","ended":"returns"}}",
      "{"ph":"f","name":"schedule","cat":"flow","pid":1,"tid":3,"ts":500002.5,"id":4,"bp":"e"}",
    ]
  `);
});

describe("what is no log or no option", () => {
  test.each([undefined, null, {}, [[]], { actors: [], steps: [] }, "log"])("%j is no log", (log) => {
    expect(() => toTimeline(log as never)).toThrow(TypeError);
    expect(() => toTimeline(log as never)).toThrow("Invalid log: expected the log of a simulation, got ");
  });

  test.each(["Order", "", 1, null])("%j is no scale", (scale) => {
    expect(() => toTimeline(tinyLog(), { scale: scale as never })).toThrow(RangeError);
  });

  test("a step that is out of place, of nobody, or before the one in front of it", () => {
    const { actors, steps, time } = tinyLog();
    const withLast = (change: object): SimulationLog => ({
      actors,
      steps: steps.map((step) => (step.index === steps.length - 1 ? { ...step, ...change } : step)),
      time,
    });
    expect(() => toTimeline(withLast({}))).not.toThrow();
    expect(() => toTimeline(withLast({ index: 0 }))).toThrow(/^Invalid log: step \d has the index 0/);
    expect(() => toTimeline(withLast({ actor: 99 }))).toThrow(/^Invalid log: step \d has .* actor 99$/);
    expect(() => toTimeline(withLast({ time: 0 }))).toThrow(/^Invalid log: the time of step \d is 0, between 0\.5/);
    expect(() => toTimeline(withLast({ time: NaN }))).toThrow(/^Invalid log: the time of step \d is NaN/);
    const [first, ...others] = actors;
    expect(() => toTimeline({ actors: [{ ...first, id: 7 }, ...others], steps, time })).toThrow(
      "Invalid log: actor 0 has the id 7",
    );
  });
});
