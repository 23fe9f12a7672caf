// Runs the program and prints what it has to say, at once.

import "./watch.ts";
import { program } from "./program.ts";

void program().then((lines) => console.log(lines.join("\n")));
