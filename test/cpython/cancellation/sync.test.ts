// Tasks that wait for locks, events, conditions, semaphores and barriers, cancelled at each point of their lives: all
// happens in the iteration in which it happens in CPython, and no wake-up, item or permit is lost.

import { compareWithCPython } from "./compare.ts";
import { sync } from "./sync.ts";

compareWithCPython("sync", sync);
