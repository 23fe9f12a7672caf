import { describe, expect, test } from "vitest";
import { type Coroutine, Lock, TaskGroup, createTask, forEach, gather, sleep, timeout } from "wasyncio";
import {
  BrokenResourceError,
  ClosedResourceError,
  EndOfStream,
  type SendChannel,
  WouldBlock,
  openChannel,
} from "wasyncio/extras";
import { explore } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";
import { sweepEverywhere } from "../testing/sweep/everywhere.ts";

describe("openChannel", () => {
  test("gives two ends: what is sent into one is received from the other, in order", () => {
    fullTrace(function* () {
      const [send, receive] = openChannel<number>(2);
      yield* send.send(1);
      send.sendNowait(2);
      expect(() => send.sendNowait(3)).toThrow(WouldBlock);
      expect(receive.statistics()).toEqual({
        currentBufferUsed: 2,
        maxBufferSize: 2,
        openSendStreams: 1,
        openReceiveStreams: 1,
        tasksWaitingSend: 0,
        tasksWaitingReceive: 0,
      });
      const waiting = createTask(send.send(3));
      yield* sleep(0);
      expect(send.statistics().tasksWaitingSend).toBe(1);
      expect([yield* receive.receive(), receive.receiveNowait()]).toEqual([1, 2]);
      yield* waiting;
      expect(receive.receiveNowait()).toBe(3);
      expect(() => receive.receiveNowait()).toThrow(WouldBlock);
      expect([String(send), String(receive)]).toEqual(["<SendChannel [open]>", "<ReceiveChannel [open]>"]);
    });
  });

  test("without a buffer each send waits for its receive", () => {
    fullTrace(function* (log, loop) {
      const [send, receive] = openChannel<string>();
      expect(() => send.sendNowait("nobody waits")).toThrow(WouldBlock);
      const sending = createTask(
        (function* () {
          yield* send.send("a");
          log.push(["sent", loop.time()]);
        })(),
      );
      yield* sleep(1);
      expect(yield* receive.receive()).toBe("a");
      yield* sending;
      const receiving = createTask(receive.receive());
      yield* sleep(1);
      send.sendNowait("b");
      expect(() => send.sendNowait("c")).toThrow(WouldBlock);
      expect(yield* receiving).toBe("b");
      expect(log).toEqual([["sent", 1]]);
    });
  });

  test("serves senders and receivers in order of arrival, and lets nobody past them", () => {
    fullTrace(function* (log) {
      const [send, receive] = openChannel<number>(1);
      const senders = [1, 2, 3].map((item) => createTask(send.send(item)));
      yield* sleep(0);
      expect(receive.receiveNowait()).toBe(1);
      expect(() => send.sendNowait(9)).toThrow(WouldBlock); // the room is the second one's
      yield* gather(...senders.slice(0, 2));
      expect([receive.receiveNowait(), yield* receive.receive()]).toEqual([2, 3]);
      const receivers = ["a", "b"].map((name) =>
        createTask(
          (function* () {
            log.push(name, yield* receive.receive());
          })(),
        ),
      );
      yield* sleep(0);
      send.sendNowait(4);
      expect(() => receive.receiveNowait()).toThrow(WouldBlock); // the item is the first one's
      send.sendNowait(5);
      send.sendNowait(6);
      yield* gather(...receivers);
      expect([...log, receive.receiveNowait()]).toEqual(["a", 4, "b", 5, 6]);
    });
  });

  test("an operation that is cancelled has done nothing", () => {
    fullTrace(function* () {
      const [send, receive] = openChannel<number>(1);
      send.sendNowait(1);
      const [second, third] = [createTask(send.send(2)), createTask(send.send(3))];
      yield* sleep(0);
      receive.receiveNowait();
      second.cancel(); // though it has room
      expect(yield* attemptAwait(second)).toBe("CancelledError()");
      yield* third;
      expect(yield* receive.receive()).toBe(3);
      const [first, other] = [createTask(receive.receive()), createTask(receive.receive())];
      yield* sleep(0);
      send.sendNowait(4);
      first.cancel(); // though it has the item
      expect([yield* attemptAwait(first), yield* other]).toEqual(["CancelledError()", 4]);
      const last = createTask(receive.receive());
      yield* sleep(0);
      send.sendNowait(5);
      last.cancel();
      yield* attemptAwait(last);
      expect(receive.receiveNowait()).toBe(5);
    });
  });

  test("ends for receivers when all ends that send are closed, and all is received", () => {
    fullTrace(function* (log) {
      const [send, receive] = openChannel<number>(2);
      const other = send.clone();
      yield* send.with(() => send.send(1));
      send.close();
      const receivers = [receive.clone(), receive].map((end) =>
        createTask(forEach(end, (item) => void log.push(item))),
      );
      yield* sleep(1);
      yield* other.send(2);
      other.close();
      yield* gather(...receivers);
      expect(log).toEqual([1, 2]);
      expect(yield* attemptAwait(receive.receive())).toBe("EndOfStream()");
      expect(() => receive.receiveNowait()).toThrow(EndOfStream);
    });
  });

  test("who waits in send can still send when all ends are closed", () => {
    fullTrace(function* () {
      const [send, receive] = openChannel<number>();
      const sending = [createTask(send.send(1)), createTask(send.send(2))] as const;
      yield* sleep(0);
      send.close();
      expect(yield* receive.receive()).toBe(1);
      const receiving = createTask(receive.receive());
      sending[1].cancel();
      expect(yield* attemptAwait(receiving)).toBe("EndOfStream()");
    });
  });

  test("breaks for senders when all ends that receive are closed", () => {
    fullTrace(function* () {
      const [send, receive] = openChannel<number>(1);
      send.sendNowait(1);
      const sending = createTask(send.send(2));
      yield* sleep(0);
      receive.close();
      expect(yield* attemptAwait(sending)).toContain("BrokenResourceError");
      expect(() => send.sendNowait(3)).toThrow(BrokenResourceError);
      expect(yield* attemptAwait(send.send(3))).toContain("BrokenResourceError");
      expect(send.statistics().currentBufferUsed).toBe(0);

      const [, lonely] = openChannel<number>();
      const receiving = createTask(lonely.receive());
      yield* sleep(0);
      lonely.close();
      expect(yield* attemptAwait(receiving)).toContain("ClosedResourceError");
    });
  });

  test("a closed end is of no use, and the others are", () => {
    const [send, receive] = openChannel<number>(Infinity);
    const other = send.clone();
    send.close();
    for (const use of [() => send.send(1), () => send.sendNowait(1), () => send.clone()])
      expect(use).toThrow(ClosedResourceError);
    other.sendNowait(1);
    expect(receive.receiveNowait()).toBe(1);
    receive.close();
    for (const use of [() => receive.receive(), () => receive.receiveNowait(), () => receive.clone()])
      expect(use).toThrow(ClosedResourceError);
    expect(String(receive)).toBe("<ReceiveChannel [closed]>");
  });

  test("refuses sizes that are none", () => {
    expect(attempt(() => openChannel(-1))).toBe(
      "RangeError('Invalid size: expected a whole number from 0, or Infinity, got -1')",
    );
    for (const size of [1.5, NaN]) expect(attempt(() => openChannel(size))).toContain("RangeError");
    for (const size of [null, "1"]) expect(attempt(() => openChannel(size as never))).toContain("TypeError");
  });

  /** Producers and consumers; gives what was sent and what was received. */
  function makeProgram(size: number) {
    const state = { sent: new Map<string, number[]>(), received: [] as string[], failed: false };
    const program = function* (): Coroutine<void> {
      state.sent = new Map();
      state.received = [];
      const [send, receive] = openChannel<string>(size);
      const produce = function* (name: string, end: SendChannel<string>): Coroutine<void> {
        const sent: number[] = [];
        state.sent.set(name, sent);
        for (let item = 0; item < 3; item++) {
          yield* end.send(`${name}${item}`);
          sent.push(item);
          if (name === "b") yield* sleep(0.5);
        }
      };
      yield* new TaskGroup().with(function* (group) {
        // A task that is cancelled before it begins closes nothing: so its end does.
        for (const name of ["a", "b"]) {
          const end = send.clone();
          group.createTask(produce(name, end), { name: `sender ${name}` }).addDoneCallback(() => end.close());
        }
        for (let index = 0; index < 2; index++) {
          const end = receive.clone();
          const consuming = forEach(end, (item) => void state.received.push(item));
          group.createTask(consuming, { name: `receiver ${index}` }).addDoneCallback(() => end.close());
        }
        send.close();
        receive.close();
      });
    };
    return { state, program };
  }

  test.each([0, 1, 2, Infinity])("is swept and explored with room for %s: no item is lost, or comes twice", (size) => {
    const { state, program } = makeProgram(size);
    const check = (): void => {
      const { received, sent } = state;
      expect(new Set(received).size).toBe(received.length);
      for (const [name, items] of sent)
        for (const item of items) expect(received, `${name}${item} was sent`).toContain(`${name}${item}`);
    };
    sweepEverywhere(program, {
      check(_, { mode, task }) {
        // What receivers that are hit leave behind, others receive, as long as there is one.
        if (mode === "none" || (task.startsWith("sender") && mode.startsWith("cancel"))) check();
        if (mode === "none") expect(state.received.length).toBe(6);
      },
    });
    const all = explore(program, { runs: 300, check: () => (check(), expect(state.received.length).toBe(6)) });
    expect(all.failure).toBeNull();
  });

  test("loses nothing to receivers that are cancelled, whatever the order", () => {
    const program = function* (): Coroutine<void> {
      const [send, receive] = openChannel<number>(0);
      const received: number[] = [];
      const lock = new Lock();
      const impatient = function* (): Coroutine<void> {
        try {
          yield* timeout(0.001).with(() => receive.receive());
        } catch {
          // it may get none
        }
      };
      const tasks = [0, 1].map(() => createTask(receive.receive()));
      const others = [0, 1].map(() => createTask(impatient()));
      yield* sleep(0);
      const sending = [1, 2].map((item) => createTask(lock.with(() => send.send(item))));
      for (const task of tasks) task.cancel();
      for (const task of tasks) yield* attemptAwait(task);
      for (const task of others) yield* task;
      while (sending.some((task) => !task.done()) || send.statistics().currentBufferUsed > 0) {
        received.push(yield* receive.receive());
        yield* sleep(0);
      }
      yield* gather(...sending);
    };
    expect(explore(program, { runs: 300 }).failure).toBeNull();
  });
});
