// THREAD: threads and executors.

import { type Facts, excused } from "../fact.ts";

export const facts: Facts = {
  "THREAD-01": excused("there are no executors yet"),
  "THREAD-02": excused("there are no executors yet"),
  "THREAD-03": excused(
    "a loop is reached from its own thread only, because the threads of JavaScript share no objects",
  ),
  "THREAD-04": excused("there are no executors yet"),
  "THREAD-05": excused("there are no executors yet"),
  "THREAD-06": excused(
    "a loop is reached from its own thread only, because the threads of JavaScript share no objects",
  ),
};
