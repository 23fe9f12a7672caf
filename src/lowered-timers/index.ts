// The door `wasyncio/lowered-timers`: what lowered modules import in the place of Node's `timers/promises`. No program
// imports it by hand.

export {
  timerPromises as default,
  scheduler,
  setImmediate,
  setInterval,
  setTimeout,
} from "../promises/timer-promises.ts";
