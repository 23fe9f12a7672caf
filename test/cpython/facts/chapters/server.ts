// SERVER: servers.

import { type Facts, excused } from "../fact.ts";

export const facts: Facts = {
  "SERVER-01": excused("there are no servers yet"),
  "SERVER-02": excused("there are no servers yet"),
  "SERVER-03": excused("there are no servers yet"),
  "SERVER-04": excused("there are no servers yet"),
  "SERVER-05": excused("there are no servers yet"),
  "SERVER-06": excused("there are no servers yet"),
};
