// Programs of generator.ts on our side: their traces. The other side is python/streams.py.

import {
  CancelledError,
  type Coroutine,
  IncompleteReadError,
  LimitOverrunError,
  allTasks,
  eagerTaskFactory,
  forEach,
  gather,
  sleep,
  waitFor,
} from "wasyncio";
import { StreamReader, StreamReaderProtocol, StreamWriter, Transport, staggeredRace } from "wasyncio/streams";
import { VirtualEventLoop } from "wasyncio/testing";
import { bytes } from "../../support/bytes.ts";
import { iteration } from "../../support/counters.ts";
import { KeyError, messageOf } from "../../support/outcomes.ts";
import { dispose } from "../../support/stage.ts";
import type { Attempt, Op, Program, RaceProgram, StreamProgram } from "./generator.ts";

type Entry = readonly unknown[];

/** The trace of a program. */
export function run(program: Program): Entry[] {
  return program.kind === "race" ? runRace(program) : runStreams(program);
}

/** As text of one character a byte. */
const decode = (data: Uint8Array): string => String.fromCharCode(...data);

function show(value: unknown): unknown {
  return value instanceof Uint8Array ? decode(value) : (value ?? null);
}

function describe(error: unknown): string {
  let text = `${(error as Error).name}: ${messageOf(error as Error)}`;
  if (error instanceof AggregateError) text += error.errors.map((member) => ` | ${describe(member)}`).join("");
  if (error instanceof IncompleteReadError) text += ` ${decode(error.partial)} ${error.expected}`;
  if (error instanceof LimitOverrunError) text += ` ${error.consumed}`;
  return text;
}

class Notes {
  readonly log: Entry[] = [];
  readonly #loop: VirtualEventLoop;
  #start = 0;

  constructor(loop: VirtualEventLoop) {
    this.#loop = loop;
    loop.setExceptionHandler((_, { message = "", exception }) => {
      if (message.startsWith("Unhandled exception in client")) this.note("handler", message, describe(exception));
    });
  }

  begin(): void {
    this.#start = iteration(this.#loop);
  }

  note(...words: Entry): void {
    this.log.push([iteration(this.#loop) - this.#start, ...words]);
  }
}

class World extends Notes {
  readonly program: StreamProgram;
  readonly reader: StreamReader;
  readonly transport: NotingTransport;
  readonly protocol: StreamReaderProtocol;
  readonly writer: StreamWriter;
  readonly tasks: { cancel(): boolean; done(): boolean }[] = [];
  fedOnResume = "";

  constructor(program: StreamProgram, loop: VirtualEventLoop) {
    super(loop);
    this.program = program;
    this.reader = new StreamReader(program.limit, loop);
    this.transport = new NotingTransport(this, program.tls ? { sslcontext: 1 } : {});
    const client = program.client === "none" ? null : (reader: StreamReader | null) => this.#client(reader);
    this.protocol = new StreamReaderProtocol(this.reader, client, loop);
    this.writer = new StreamWriter(this.transport, this.protocol, this.reader, loop);
  }

  #client(reader: StreamReader | null): Coroutine<unknown> | void {
    this.note("client", reader === this.reader); // null when the connection was lost before it was made
    if (this.program.client !== "plain") return this.#clientTask();
  }

  *#clientTask(): Coroutine<void> {
    try {
      if (this.program.client === "failing") throw new RangeError("client");
      this.note("client", show(yield* this.reader.readline()));
    } catch (error) {
      this.note("client", describe(error));
      throw error;
    }
  }

  *run(who: number, ops: readonly Op[]): Coroutine<void> {
    for (const [index, op] of ops.entries()) {
      let outcome: unknown;
      try {
        outcome = show(yield* this.perform(who, op));
      } catch (error) {
        outcome = describe(error);
        if (error instanceof CancelledError) {
          this.note(who, index, op[0], outcome);
          throw error;
        }
      }
      this.note(who, index, op[0], outcome);
    }
  }

  *perform(who: number, [name, arg, inner]: Op): Coroutine<unknown> {
    const { reader, protocol, writer } = this;
    switch (name) {
      case "feed":
        return reader.feedData(bytes(String(arg)));
      case "eof":
        return reader.feedEof();
      case "error":
        return reader.setException(new KeyError(String(arg)));
      case "read":
        return yield* reader.read(arg as number | undefined);
      case "exactly":
        return yield* reader.readexactly(arg as number);
      case "line":
        return yield* reader.readline();
      case "until": {
        const separators = arg as string[];
        return yield* reader.readuntil(separators.length === 1 ? bytes(separators[0]) : separators);
      }
      case "lines": {
        let count = 0;
        return yield* forEach(reader, (line) => {
          this.note(who, show(line));
          return ++count !== arg;
        });
      }
      case "within":
        return yield* waitFor(this.perform(who, inner as Op), arg as number);
      case "spin":
        for (let count = 0; count < (arg as number); count++) yield* sleep(0);
        return null;
      case "sleep":
        return yield* sleep(arg as number);
      case "cancel":
        return this.tasks[(arg as number) % this.tasks.length].cancel();
      case "show":
        return this.show();
      case "feedOnResume":
        this.fedOnResume = String(arg);
        return null;
      case "made":
        return protocol.connectionMade(this.transport);
      case "received":
        return protocol.dataReceived(bytes(String(arg)));
      case "eofReceived":
        return protocol.eofReceived();
      case "lost":
        return protocol.connectionLost(typeof arg === "string" ? new KeyError(arg) : null);
      case "pauseWriting":
        return protocol.pauseWriting();
      case "resumeWriting":
        return protocol.resumeWriting();
      case "drain":
        return yield* writer.drain();
      case "waitClosed":
        return yield* writer.waitClosed();
      case "close":
        return writer.close();
      default:
        throw new Error(`Cannot perform: ${name}`);
    }
  }

  show(): unknown[] {
    const error = this.reader.exception();
    const size = /(\d+) bytes/.exec(this.reader.toString())?.[1] ?? "0";
    return [this.reader.atEof(), error && describe(error), size, this.transport.closing];
  }
}

class NotingTransport extends Transport {
  readonly #world: World;
  closing = false;

  constructor(world: World, extra: Record<string, unknown>) {
    super(extra);
    this.#world = world;
  }

  override pauseReading(): void {
    if (!this.#world.program.pausable) super.pauseReading();
    this.#world.note("transport", "pause");
  }

  override resumeReading(): void {
    const world = this.#world;
    world.note("transport", "resume");
    const text = world.fedOnResume;
    world.fedOnResume = "";
    if (text !== "") world.reader.feedData(bytes(text));
  }

  override isClosing(): boolean {
    return this.closing;
  }

  override close(): void {
    this.closing = true;
    this.#world.note("transport", "close");
  }
}

function runStreams(program: StreamProgram): Entry[] {
  const loop = new VirtualEventLoop();
  const world = new World(program, loop);
  function* main(): Coroutine<void> {
    world.begin();
    const tasks = program.tasks.map((ops, who) => loop.createTask(world.run(who, ops)));
    world.tasks.push(...tasks);
    yield* sleep(50);
    for (const [who, task] of tasks.entries()) {
      if (!task.done()) world.note("left", who, task.cancel());
    }
    yield* gather(tasks, { returnExceptions: true });
    world.note("end", world.show());
  }
  loop.runUntilCompleteSync(main());
  const log = [...world.log]; // without what is cancelled from outside now
  dispose(loop);
  return log;
}

function runRace(program: RaceProgram): Entry[] {
  const loop = new VirtualEventLoop();
  if (program.eager) loop.setTaskFactory(eagerTaskFactory);
  const world = new Notes(loop);

  function* attempt(index: number, [steps, wait, end]: Attempt): Coroutine<string> {
    world.note("start", index);
    try {
      for (let step = 0; step < steps; step++) yield* sleep(0);
      if (wait > 0) yield* sleep(wait);
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      world.note("cancelled", index, error.message);
      if (end === "stubborn") return `stubborn ${index}`;
      if (end === "slow") yield* sleep(1);
      throw error;
    }
    world.note("end", index);
    if (end === "fail") throw new KeyError(`failed ${index}`);
    return `result ${index}`;
  }

  function* attempts(): Generator<() => Coroutine<string>, void> {
    for (const [index, plan] of program.attempts.entries()) {
      if (plan[2] === "broken") throw new KeyError("broken");
      yield () => attempt(index, plan);
    }
  }

  function* race(): Coroutine<void> {
    try {
      const [result, index, errors] = yield* staggeredRace(attempts(), program.delay);
      const described = errors.map((error) => error && describe(error));
      world.note("race", result, index, described);
    } catch (error) {
      world.note("race", describe(error));
    }
  }

  function* main(): Coroutine<void> {
    world.begin();
    const task = loop.createTask(race());
    for (const [at, message] of program.cancels) {
      loop.callLater(at, () => world.note("cancel", task.cancel(message)));
    }
    yield* sleep(200);
    world.note("done", task.done(), allTasks().size);
  }
  loop.runUntilCompleteSync(main());
  const log = [...world.log]; // without what is cancelled from outside now
  dispose(loop);
  return log;
}
