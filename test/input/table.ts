// The table of bad input: the chapters together.

import type { Row } from "./rules.ts";
import { CONNECTION_ROWS } from "./table-connections.ts";
import { LOOP_ROWS, RUN_ROWS } from "./table-loop.ts";
import { PRIMITIVE_ROWS } from "./table-primitives.ts";
import { RUNTIME_ROWS } from "./table-runtime.ts";
import { SCOPE_ROWS } from "./table-scopes.ts";
import { ENDPOINT_ROWS } from "./table-endpoints.ts";
import { STREAM_ROWS } from "./table-streams.ts";
import { TASK_ROWS } from "./table-tasks.ts";
import { TLS_ROWS } from "./table-tls.ts";
import { HISTORY_ROWS, SIMULATION_ROWS, TIMELINE_ROWS } from "./table-testing.ts";

/** Calls that are made in a task. */
export const ROWS: readonly Row[] = [
  ...TASK_ROWS,
  ...SCOPE_ROWS,
  ...RUNTIME_ROWS,
  ...LOOP_ROWS,
  ...PRIMITIVE_ROWS,
  ...STREAM_ROWS,
  ...CONNECTION_ROWS,
  ...ENDPOINT_ROWS,
  ...TLS_ROWS,
  ...HISTORY_ROWS,
  ...TIMELINE_ROWS,
];

/** Calls that run a loop, made outside any. */
export const OUTSIDE_ROWS: readonly Row[] = [...RUN_ROWS, ...SIMULATION_ROWS];
