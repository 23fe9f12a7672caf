// All groups of facts, by name.

import type { Facts } from "./fact.ts";
import { facts as asyncGenerator } from "./facts/async-generator.ts";
import { facts as barrier } from "./facts/barrier.ts";
import { facts as callGraph } from "./facts/call-graph.ts";
import { facts as cancel } from "./facts/cancel.ts";
import { facts as condition } from "./facts/condition.ts";
import { facts as context } from "./facts/context.ts";
import { facts as debug } from "./facts/debug.ts";
import { facts as eager } from "./facts/eager.ts";
import { facts as event } from "./facts/event.ts";
import { facts as exceptionHandler } from "./facts/exception-handler.ts";
import { facts as future } from "./facts/future.ts";
import { facts as gather } from "./facts/gather.ts";
import { facts as lock } from "./facts/lock.ts";
import { facts as loop } from "./facts/loop.ts";
import { facts as policy } from "./facts/policy.ts";
import { facts as queue } from "./facts/queue.ts";
import { facts as run } from "./facts/run.ts";
import { facts as semaphore } from "./facts/semaphore.ts";
import { facts as server } from "./facts/server.ts";
import { facts as shield } from "./facts/shield.ts";
import { facts as signal } from "./facts/signal.ts";
import { facts as sleep } from "./facts/sleep.ts";
import { facts as socket } from "./facts/socket.ts";
import { facts as stream } from "./facts/stream.ts";
import { facts as subprocess } from "./facts/subprocess.ts";
import { facts as task } from "./facts/task.ts";
import { facts as taskGroup } from "./facts/task-group.ts";
import { facts as thread } from "./facts/thread.ts";
import { facts as timeout } from "./facts/timeout.ts";
import { facts as timer } from "./facts/timer.ts";
import { facts as transport } from "./facts/transport.ts";
import { facts as wait } from "./facts/wait.ts";
import { facts as waitFor } from "./facts/wait-for.ts";

export const groups: Readonly<Record<string, Facts>> = {
  loop,
  timer,
  sleep,
  future,
  task,
  eager,
  context,
  cancel,
  timeout,
  "wait-for": waitFor,
  "task-group": taskGroup,
  gather,
  wait,
  shield,
  run,
  queue,
  lock,
  condition,
  semaphore,
  event,
  barrier,
  "exception-handler": exceptionHandler,
  debug,
  "async-generator": asyncGenerator,
  policy,
  "call-graph": callGraph,
  stream,
  transport,
  server,
  subprocess,
  thread,
  signal,
  socket,
};
