// The script of the workers that executors start.

import { serveJobs } from "./serve-jobs.ts";

serveJobs();
