// SUBPROC: subprocesses.

import { type Facts, excused } from "../fact.ts";

export const facts: Facts = {
  "SUBPROC-01": excused("there are no subprocesses yet"),
  "SUBPROC-02": excused("there are no subprocesses yet"),
  "SUBPROC-03": excused("there are no subprocesses yet"),
  "SUBPROC-04": excused("there are no subprocesses yet"),
  "SUBPROC-05": excused("there are no subprocesses yet"),
  "SUBPROC-06": excused("there are no subprocesses yet"),
  "SUBPROC-07": excused("there are no subprocesses yet"),
  "SUBPROC-08": excused("there are no subprocesses yet"),
  "SUBPROC-09": excused("there are no pipes yet"),
};
