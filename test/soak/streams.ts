// Streams and races.

import { type Coroutine, createTask, getRunningLoop, sleep } from "wasyncio";
import { FlowControlMixin, StreamReader, StreamWriter, Transport, staggeredRace } from "wasyncio/streams";
import { spin } from "../support/coroutines.ts";
import { type Scenario, batches, crowd, crowds, ended, failing } from "./scenario.ts";

const LINES = 100;
const WRITERS = 30;
const RACERS = 3;

const line = new TextEncoder().encode("a line of text\n");
/** Sent in pieces that end inside a line. */
const pieces = [line.subarray(0, 5), line.subarray(5)];

/** Drops what is written, and receives nothing. */
class Sink extends Transport {
  override isClosing(): boolean {
    return false;
  }
  override pauseReading(): void {}
  override resumeReading(): void {}
}

/** Reads a line, as the one reader that may wait at a time. */
function* readOne(reader: StreamReader, index: number): Coroutine<void> {
  const size = index % 2 === 0 ? (yield* reader.readline()).length : (yield* reader.readexactly(line.length)).length;
  if (size !== line.length) throw new Error(`A line of ${size} bytes`);
}

function* resumeSoon(protocol: FlowControlMixin): Coroutine<void> {
  for (let i = 0; i < 3; i++) {
    yield* sleep(0);
    protocol.resumeWriting();
    protocol.pauseWriting();
  }
  yield* spin(2);
  protocol.resumeWriting();
}

function* racer(fails: boolean, pause: number): Coroutine<void> {
  yield* fails ? failing(pause) : sleep(pause);
}

export const streams: Record<string, Scenario> = {
  /** Every third reader is cancelled while it waits; the next one gets its line. */
  streamReader: batches(LINES, function* () {
    const reader = new StreamReader(64);
    reader.setTransport(new Sink());
    for (let index = 0; index < LINES; index++) {
      const task = createTask(readOne(reader, index));
      yield* sleep(0);
      reader.feedData(pieces[0]);
      yield* sleep(0);
      if (index % 3 === 0) task.cancel();
      reader.feedData(pieces[1]);
      yield* ended(task);
      if (index % 3 === 0) yield* readOne(reader, index);
    }
    const rest = createTask(reader.read());
    yield* sleep(0);
    reader.feedEof();
    yield* rest;
  }),
  "streamWriter, drain": batches(WRITERS, function* () {
    const loop = getRunningLoop();
    const protocol = new FlowControlMixin();
    const writer = new StreamWriter(new Sink(), protocol, null, loop);
    protocol.pauseWriting();
    const tasks = Array.from({ length: WRITERS }, () => createTask(writer.drain()));
    const helper = createTask(resumeSoon(protocol));
    yield* crowd(tasks);
    yield* ended(helper);
    protocol.connectionLost(null);
  }),
  /** The first attempt fails; then the second or the third wins, or all have lost. Every third race is cancelled. */
  staggeredRace: crowds(RACERS, (index, pause) =>
    staggeredRace<void>(
      [() => failing(0), () => racer(index % 2 === 0, 3 * pause), () => racer(index % 5 === 0, pause)],
      pause,
    ),
  ),
};
