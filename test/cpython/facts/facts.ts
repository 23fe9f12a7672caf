// All groups of facts, by name.

import type { Facts } from "./fact.ts";
import { facts as asyncGenerator } from "./chapters/async-generator.ts";
import { facts as barrier } from "./chapters/barrier.ts";
import { facts as callGraph } from "./chapters/call-graph.ts";
import { facts as cancel } from "./chapters/cancel.ts";
import { facts as condition } from "./chapters/condition.ts";
import { facts as context } from "./chapters/context.ts";
import { facts as debug } from "./chapters/debug.ts";
import { facts as eager } from "./chapters/eager.ts";
import { facts as event } from "./chapters/event.ts";
import { facts as exceptionHandler } from "./chapters/exception-handler.ts";
import { facts as future } from "./chapters/future.ts";
import { facts as gather } from "./chapters/gather.ts";
import { facts as lock } from "./chapters/lock.ts";
import { facts as loop } from "./chapters/loop.ts";
import { facts as policy } from "./chapters/policy.ts";
import { facts as queue } from "./chapters/queue.ts";
import { facts as run } from "./chapters/run.ts";
import { facts as semaphore } from "./chapters/semaphore.ts";
import { facts as server } from "./chapters/server.ts";
import { facts as shield } from "./chapters/shield.ts";
import { facts as signal } from "./chapters/signal.ts";
import { facts as sleep } from "./chapters/sleep.ts";
import { facts as socket } from "./chapters/socket.ts";
import { facts as stream } from "./chapters/stream.ts";
import { facts as subprocess } from "./chapters/subprocess.ts";
import { facts as task } from "./chapters/task.ts";
import { facts as taskGroup } from "./chapters/task-group.ts";
import { facts as thread } from "./chapters/thread.ts";
import { facts as timeout } from "./chapters/timeout.ts";
import { facts as timer } from "./chapters/timer.ts";
import { facts as transport } from "./chapters/transport.ts";
import { facts as wait } from "./chapters/wait.ts";
import { facts as waitFor } from "./chapters/wait-for.ts";

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
