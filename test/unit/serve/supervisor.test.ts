// The supervisor in virtual time, over processes in the hands of the test: what it starts and tells, and when.

import { describe, expect, test } from "vitest";
import { type Coroutine, createTask, getRunningLoop, sleep } from "wasyncio";
import { explore, runSync } from "wasyncio/testing";
import { BEATS, type SupervisorMessage } from "../../../src/serve/messages.ts";
import type { WorkerEvents } from "../../../src/serve/supervised-worker.ts";
import { Supervisor, type SupervisorOptions } from "../../../src/serve/supervisor.ts";

/** Seconds that a process takes to start, and to end in order. */
const START = 0.2;
const END = 0.5;

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** A process: starts, tells that its loop goes on, and ends when it is told to. */
class FakeProcess {
  isBlocked = false;
  isOver = false;
  readonly pid: number;
  readonly #stage: Stage;
  readonly events: WorkerEvents;

  constructor(pid: number, stage: Stage, events: WorkerEvents) {
    this.pid = pid;
    this.#stage = stage;
    this.events = events;
    stage.note(`${pid} begins`);
    getRunningLoop().callLater(START, () => this.#start());
  }

  tell({ wasyncio }: SupervisorMessage): void {
    this.#stage.note(`${this.pid} ${wasyncio}`);
    if (!this.#stage.hangs) getRunningLoop().callLater(END, () => this.end("exit code 0"));
  }

  kill(): void {
    this.#stage.note(`${this.pid} kill`);
    getRunningLoop().callSoon(() => this.end("SIGKILL"));
  }

  end(how: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.events.ended(how);
  }

  #start(): void {
    if (this.isOver || !this.#stage.starts) return;
    const failure = this.#stage.failures.shift() ?? "";
    if (failure !== "") {
      this.events.heard({ wasyncio: "failed", text: failure });
      this.end("exit code 0");
      return;
    }
    this.#stage.note(`${this.pid} ready`);
    this.events.heard({ wasyncio: "ready", url: "http://x" });
    this.#beat();
  }

  #beat(): void {
    if (this.isOver) return;
    if (!this.isBlocked) this.events.heard({ wasyncio: "beat" });
    getRunningLoop().callLater(1 / BEATS, () => this.#beat());
  }
}

class Stage {
  readonly log: string[] = [];
  readonly processes: FakeProcess[] = [];
  /** What the next processes fail with; "": not at all. */
  failures: string[] = [];
  /** Whether processes come to serve. */
  starts = true;
  /** Whether processes do not end when they are told to. */
  hangs = false;
  readonly supervisor: Supervisor;

  constructor(options: Partial<SupervisorOptions>) {
    const fork = (events: WorkerEvents): FakeProcess => {
      const process = new FakeProcess(this.processes.length + 1, this, events);
      this.processes.push(process);
      return process;
    };
    const report = (text: string): void => this.note(text);
    this.supervisor = new Supervisor(getRunningLoop(), fork, { workers: 2, grace: 10, timeout: 1, report, ...options });
  }

  note(text: string): void {
    this.log.push(`${round(getRunningLoop().time())} ${text}`);
  }

  /** The processes that serve. */
  get alive(): number[] {
    return this.processes.filter(({ isOver }) => !isOver).map(({ pid }) => pid);
  }
}

/** Runs a supervisor beside what happens to it, and stops it then. Returns its exit code and what was seen. */
function supervised(
  body: (stage: Stage) => Coroutine<unknown>,
  options: Partial<SupervisorOptions> = {},
): { code: number; log: string[]; alive: number[] } {
  return runSync(function* () {
    const stage = new Stage(options);
    const running = createTask(stage.supervisor.run());
    yield* body(stage);
    stage.supervisor.stop("SIGTERM");
    const code = yield* running;
    return { code, log: stage.log, alive: stage.alive };
  });
}

describe("a supervisor", () => {
  test("starts its workers, and ends them in order", () => {
    expect(supervised(() => sleep(1))).toEqual({
      code: 0,
      alive: [],
      log: [
        "0 1 begins",
        "0 2 begins",
        "0.2 1 ready",
        "0.2 2 ready",
        "0.2 listening on http://x, 2 workers",
        "1 SIGTERM: shutting down",
        "1 1 stop",
        "1 2 stop",
      ],
    });
  });

  test("tells what a worker fails by at its end, and ends with 1 then", () => {
    const { code, log } = supervised(function* ({ processes }) {
      yield* sleep(1);
      getRunningLoop().callLater(0.05, () => processes[0].events.heard({ wasyncio: "failed", text: "no disk" }));
    });
    expect(code).toBe(1);
    expect(log.slice(-1)).toEqual(["1.05 worker 1 has failed: no disk"]);
  });

  test("kills those that do not end within the grace and three seconds", () => {
    const { code, log, alive } = supervised(
      function* (stage) {
        stage.hangs = true;
        yield* sleep(1);
      },
      { grace: 2 },
    );
    expect([code, alive]).toEqual([0, []]);
    expect(log.slice(-2)).toEqual(["6 1 kill", "6 2 kill"]);
  });

  test("ends at once by the second signal", () => {
    const { code, log, alive } = supervised(function* (stage) {
      stage.hangs = true;
      yield* sleep(1);
      getRunningLoop().callLater(0.5, () => stage.supervisor.kill("SIGINT"));
    });
    expect([code, alive]).toEqual([130, []]);
    expect(log.slice(-3)).toEqual(["1.5 SIGINT again: ending at once", "1.5 1 kill", "1.5 2 kill"]);
  });

  test("kills those that have not started when it ends", () => {
    const { log, alive } = supervised(() => sleep(0.1));
    expect(alive).toEqual([]);
    expect(log).toContain("0.1 1 kill");
    expect(log.join()).not.toContain("ready");
  });
});

describe("a worker that ends", () => {
  test("is started again at once, and later each time that it does so soon, up to five seconds", () => {
    const { log } = supervised(
      function* (stage) {
        yield* sleep(2); // stable
        for (let i = 0; i < 9; i++) {
          stage.processes.at(-1)?.end("SIGKILL");
          while (stage.processes.length < i + 2) yield* sleep(0.01);
          yield* sleep(START + 0.01);
        }
      },
      { workers: 1 },
    );
    const ends = log.filter((line) => line.endsWith("SIGKILL")).map((line) => Number.parseFloat(line));
    const begins = log.filter((line) => line.endsWith("begins")).map((line) => Number.parseFloat(line));
    expect(ends.map((end, i) => round(begins[i + 1] - end))).toEqual([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]);
  });

  test("has its short delay again when it was stable", () => {
    const { log } = supervised(
      function* (stage) {
        for (let i = 0; i < 3; i++) {
          yield* sleep(2);
          stage.processes.at(-1)?.end("SIGKILL");
        }
        yield* sleep(1);
      },
      { workers: 1 },
    );
    expect(log.filter((line) => line.endsWith("begins"))).toEqual([
      "0 1 begins",
      "2.05 2 begins",
      "4.05 3 begins",
      "6.05 4 begins",
    ]);
  });

  test("leaves the others alone", () => {
    const { log } = supervised(function* (stage) {
      yield* sleep(2);
      stage.processes[0].end("exit code 7");
      yield* sleep(1);
      expect(stage.alive).toEqual([2, 3]);
    });
    expect(log).toContain("2 worker 1 ended: exit code 7");
  });

  test("ends the supervisor when it fails to start the first time", () => {
    const { code, log, alive } = supervised(function* (stage) {
      stage.failures = ["", "the port is in use"];
      yield* sleep(5);
    });
    expect([code, alive]).toEqual([1, []]);
    expect(log).toContain("0.2 Cannot start: the port is in use");
    expect(log.join()).not.toContain("listening on");
  });

  test("ends the supervisor when it takes a minute to start", () => {
    const { code, log } = supervised(function* (stage) {
      stage.starts = false;
      yield* sleep(61);
    });
    expect(code).toBe(1);
    expect(log).toContain("60 Cannot start: it took longer than 60 s");
  });

  test("ends the supervisor when it does so again and again from the beginning", () => {
    const { code, log, alive } = supervised(
      function* (stage) {
        for (let i = 0; i < 5; i++) {
          while (!stage.log.some((line) => line.endsWith(` ${i + 1} ready`))) yield* sleep(0.01);
          stage.processes.at(-1)?.end("exit code 3");
          yield* sleep(0.01);
        }
        yield* sleep(1);
      },
      { workers: 1 },
    );
    expect([code, alive]).toEqual([1, []]);
    expect(log.filter((line) => line.endsWith("exit code 3"))).toHaveLength(5);
    expect(log.at(-1)).toContain("Giving up: 5 workers ended within 1 s");
  });

  test("does not when another has been stable", () => {
    const { code } = supervised(function* (stage) {
      yield* sleep(2);
      for (let i = 0; i < 8; i++) {
        stage.processes.at(-1)?.end("exit code 3");
        const count = stage.processes.length;
        while (stage.processes.length === count) yield* sleep(0.01);
        yield* sleep(START + 0.01);
      }
    });
    expect(code).toBe(0);
  });

  test("is tried again when it cannot start a second time", () => {
    const { code, log } = supervised(
      function* (stage) {
        yield* sleep(2);
        stage.failures = ["a bug", "a bug"];
        stage.processes[0].end("SIGKILL");
        yield* sleep(2);
        expect(stage.alive).toEqual([4]);
      },
      { workers: 1 },
    );
    expect(code).toBe(0);
    expect(log.filter((line) => line.includes("Cannot start a worker: a bug"))).toHaveLength(2);
  });
});

describe("a worker whose loop is blocked", () => {
  test("is killed after the timeout, and replaced", () => {
    const { log } = supervised(function* (stage) {
      yield* sleep(2);
      stage.processes[1].isBlocked = true;
      yield* sleep(2);
      expect(stage.alive).toEqual([1, 3]);
    });
    const line = log.find((each) => each.includes("blocked")) ?? "";
    expect(line).toContain("worker 2 has not answered for 1 s: its loop is blocked");
    expect(Number.parseFloat(line)).toBeGreaterThanOrEqual(3);
    expect(Number.parseFloat(line)).toBeLessThanOrEqual(3.2);
  });

  test("is left alone without a timeout", () => {
    supervised(
      function* (stage) {
        yield* sleep(2);
        stage.processes[1].isBlocked = true;
        yield* sleep(60);
        expect(stage.alive).toEqual([1, 2]);
      },
      { timeout: 0 },
    );
  });

  test("is killed while it ends, too", () => {
    const { log } = supervised(function* (stage) {
      yield* sleep(2);
      stage.hangs = true;
      stage.processes[0].isBlocked = true;
      stage.supervisor.reload();
      yield* sleep(3);
    });
    expect(log.join()).toContain("worker 1 has not answered for 1 s");
  });
});

describe("a reload", () => {
  test("replaces one after the other, the next one ready first", () => {
    const { log } = supervised(function* (stage) {
      yield* sleep(1);
      stage.supervisor.reload();
      yield* sleep(2);
      expect(stage.alive).toEqual([3, 4]);
    });
    expect(log.filter((line) => Number.parseFloat(line) < 3).slice(5)).toEqual([
      "1 reloading",
      "1 3 begins",
      "1.2 3 ready",
      "1.2 1 drain",
      "1.2 4 begins",
      "1.4 4 ready",
      "1.4 2 drain",
      "1.4 reloaded",
    ]);
  });

  test("waits for the one before, and comes once for all that were asked for", () => {
    const { log } = supervised(function* (stage) {
      yield* sleep(1);
      for (let i = 0; i < 5; i++) {
        stage.supervisor.reload();
        yield* sleep(0.1);
      }
      yield* sleep(5);
      expect(stage.alive).toHaveLength(2);
    });
    expect(log.filter((line) => line.endsWith("reloading"))).toEqual(["1 reloading", "1.9 reloading"]);
  });

  test("is broken off when a worker cannot start: those that there are go on", () => {
    const { log } = supervised(function* (stage) {
      yield* sleep(1);
      stage.failures = ["", "a bug"];
      stage.supervisor.reload();
      yield* sleep(2);
      expect(stage.alive).toEqual([2, 3]);
      stage.supervisor.reload();
      yield* sleep(2);
      expect(stage.alive).toEqual([5, 6]);
    });
    expect(log).toContain("1.4 Cannot start a worker: a bug");
    expect(log).toContain("1.4 not reloaded: the workers that there are go on");
  });

  test("and an end meanwhile leave one worker at each place, in whatever order things happen", () => {
    const program = function* (): Coroutine<void> {
      const stage = new Stage({});
      const running = createTask(stage.supervisor.run());
      yield* sleep(2);
      stage.supervisor.reload();
      yield* sleep(0.15);
      stage.processes[0].end("SIGKILL"); // its keeper begins another one while the reload does
      yield* sleep(3);
      expect(stage.alive).toHaveLength(2);
      stage.supervisor.stop("SIGTERM");
      expect(yield* running).toBe(0);
      expect(stage.alive).toEqual([]);
    };
    expect(explore(program, { runs: 200 }).failure).toBeNull();
  });
});

describe("a worker that is spent", () => {
  test("is replaced once, however often it says so", () => {
    const { log } = supervised(function* (stage) {
      yield* sleep(1);
      for (let i = 0; i < 3; i++) stage.processes[0].events.heard({ wasyncio: "spent" });
      yield* sleep(2);
      expect(stage.alive).toEqual([2, 3]);
    });
    expect(log.filter((line) => line.endsWith("drain"))).toEqual(["1.2 1 drain"]);
  });

  test("goes on when the next one cannot start", () => {
    supervised(function* (stage) {
      yield* sleep(1);
      stage.failures = ["a bug"];
      stage.processes[0].events.heard({ wasyncio: "spent" });
      yield* sleep(2);
      expect(stage.alive).toEqual([1, 2]);
      stage.processes[0].events.heard({ wasyncio: "spent" });
      yield* sleep(2);
      expect(stage.alive).toEqual([2, 4]);
    });
  });
});
