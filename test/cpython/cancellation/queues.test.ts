// Tasks that wait in queues, cancelled at each point of their lives: all happens in the
// iteration in which it happens in CPython, and no wake-up, item or permit is lost.

import { compareWithCPython } from "./compare.ts";
import { queues } from "./queues.ts";

compareWithCPython("queues", queues);
