// What the pools have run, in JavaScript: their workers import it as it is. Ours finds `echo`, piscina and tinypool
// call the default export.

import { job } from "wasyncio/executors";

export const echo = job(import.meta, function echo(value) {
  return value;
});

export default echo;
