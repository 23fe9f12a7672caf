// SIGNAL: signals.

import { type Facts, excused } from "../fact.ts";

export const facts: Facts = {
  "SIGNAL-01": excused("there are no signal handlers yet"),
  "SIGNAL-02": excused("there are no signal handlers yet"),
};
