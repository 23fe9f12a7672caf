// The script of the workers that executors, processes and pools start.

import { serveProcesses } from "./serve-processes.ts";

serveProcesses();
