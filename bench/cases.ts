// All cases, by the names of their files, in the order of the table.

import type { Case } from "./case.ts";
import callLaterCancel from "./cases/call-later-cancel.ts";
import cancelCaught from "./cases/cancel-caught.ts";
import cancelSleeping from "./cases/cancel-sleeping.ts";
import condition from "./cases/condition.ts";
import deepChain from "./cases/deep-chain.ts";
import event from "./cases/event.ts";
import futureFanOut from "./cases/future-fan-out.ts";
import gather from "./cases/gather.ts";
import lock from "./cases/lock.ts";
import priorityQueue from "./cases/priority-queue.ts";
import queuePingPong from "./cases/queue-ping-pong.ts";
import semaphore from "./cases/semaphore.ts";
import sleep1000Tasks from "./cases/sleep-1000-tasks.ts";
import sleepOneTask from "./cases/sleep-one-task.ts";
import taskGroup from "./cases/task-group.ts";
import timers from "./cases/timers.ts";
import waitFor from "./cases/wait-for.ts";

export const cases: Readonly<Record<string, Case>> = {
  "sleep-one-task": sleepOneTask,
  "sleep-1000-tasks": sleep1000Tasks,
  "deep-chain": deepChain,
  gather,
  "task-group": taskGroup,
  "queue-ping-pong": queuePingPong,
  "priority-queue": priorityQueue,
  timers,
  "call-later-cancel": callLaterCancel,
  "wait-for": waitFor,
  "cancel-caught": cancelCaught,
  "cancel-sleeping": cancelSleeping,
  "future-fan-out": futureFanOut,
  lock,
  semaphore,
  event,
  condition,
};
