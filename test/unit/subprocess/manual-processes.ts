// Processes in the hands of the test: they note what they are asked for, and tell what the test says. The file that
// uses them puts them in the place of the host's: vi.mock(".../hosts/node/processes.ts", ...).

import type { Child, Command, PipeEnd, Processes, SpawnEvents } from "../../../src/drivers/processes.ts";
import type { Fault } from "../../../src/errors/os.ts";
import { ManualEnd } from "../net/manual-end.ts";

/** Of what is written it notes how much. */
export class ManualPipe extends ManualEnd {
  override write(bytes: Uint8Array): void {
    this.log.push(`write ${bytes.length}`);
  }
}

const pipeEnd = (): PipeEnd<ManualPipe> => ({ end: new ManualPipe(), native: {} });

/** A child that runs as long as the test says. */
export class ManualChild implements Child {
  readonly pid = 1234;
  readonly native = { a: "child" };
  readonly stdin: PipeEnd<ManualPipe> | null;
  readonly stdout: PipeEnd<ManualPipe> | null;
  readonly stderr: PipeEnd<ManualPipe> | null;
  readonly signals: number[] = [];
  /** Why signals are refused. */
  fault: Fault | null = null;
  exited: (returncode: number) => void = () => {};

  constructor({ stdin, stdout, stderr }: Command) {
    this.stdin = stdin === "pipe" ? pipeEnd() : null;
    this.stdout = stdout === "pipe" ? pipeEnd() : null;
    this.stderr = stderr === "pipe" ? pipeEnd() : null;
  }

  start(exited: (returncode: number) => void): void {
    this.exited = exited;
  }

  kill(signal: number): Fault | null {
    this.signals.push(signal);
    return this.fault;
  }
}

/** One attempt to start a child. */
export interface Attempt {
  readonly command: Command;
  readonly events: SpawnEvents;
  isGivenUp: boolean;
}

export class ManualProcesses implements Processes {
  readonly signals = { SIGHUP: 1, SIGKILL: 9, SIGTERM: 15 };
  readonly children: ManualChild[] = [];
  readonly attempts: Attempt[] = [];
  /** Whether a child runs when `spawn` returns; else the test says what becomes of it. */
  spawnsAtOnce = true;

  get child(): ManualChild {
    return this.children[this.children.length - 1];
  }

  spawn(command: Command, events: SpawnEvents): () => void {
    const attempt: Attempt = { command, events, isGivenUp: false };
    this.attempts.push(attempt);
    if (this.spawnsAtOnce) events.spawned(this.make(command));
    return () => void (attempt.isGivenUp = true);
  }

  make(command: Command): ManualChild {
    const child = new ManualChild(command);
    this.children.push(child);
    return child;
  }
}
