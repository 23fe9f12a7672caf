// The table of bad input: the chapters together.

import type { Row } from "./rules.ts";
import { LOOP_ROWS } from "./table-loop.ts";
import { PRIMITIVE_ROWS } from "./table-primitives.ts";
import { RUNTIME_ROWS } from "./table-runtime.ts";
import { STREAM_ROWS } from "./table-streams.ts";
import { TASK_ROWS } from "./table-tasks.ts";

export const ROWS: readonly Row[] = [...TASK_ROWS, ...RUNTIME_ROWS, ...LOOP_ROWS, ...PRIMITIVE_ROWS, ...STREAM_ROWS];
