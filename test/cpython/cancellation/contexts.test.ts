// Exit stacks and the other managers of contextlib, cancelled at each point of their lives: what is entered is left, in
// the iteration and with the error as in CPython.

import { compareWithCPython } from "./compare.ts";
import { contexts } from "./contexts.ts";

compareWithCPython("contexts", contexts);
