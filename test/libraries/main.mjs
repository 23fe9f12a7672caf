// Runs each library three times, and prints what came of it: used, cancelled, and searched for a race in code over it.

import { sleep, timeout } from "wasyncio/async";
import { explore, simulate } from "wasyncio/testing";
import { after, libraries } from "./libraries.mjs";

/** A call through a library is cancelled when it has waited for five seconds; a second later it is looked at. */
const cancelled = (through) => async () => {
  const log = [];
  const work = async () => {
    try {
      await sleep(1000);
    } finally {
      log.push("unwound");
    }
  };
  try {
    await using _ = timeout(5);
    await through(work);
  } catch (error) {
    log.push(error.name);
  }
  await sleep(1);
  return [...log]; // as it is now: what is left unwinds when the run ends
};

/** Two calls through a library check, wait, and act: which is right as long as the first is the faster one. */
const overdrawn = (through) => async () => {
  let balance = 100;
  let failure = null;
  const withdraw = async (seconds) => {
    if (balance < 70) return;
    await after(seconds);
    balance -= 70;
    if (balance < 0) failure = new RangeError("overdrawn");
  };
  const late = async () => {
    await after(0.015);
    await through(() => withdraw(0.005));
  };
  await Promise.all([through(() => withdraw(0.01)), late()]);
  if (failure !== null) throw failure; // what some libraries keep to themselves
};

const found = {};
for (const [name, { use, result, seconds, through }] of Object.entries(libraries)) {
  const settings = { globals: "virtual" }; // some look at the time by Date.now
  const used = simulate(use, settings);
  const ended = simulate(cancelled(through), settings);
  const race = overdrawn(through);
  const { failure } = explore(race, { ...settings, orders: "javascript", window: 0.02, runs: 200 });
  found[name] = {
    used: { value: used.status === "ok" ? used.value : String(used.error), time: used.time },
    expected: { value: result, time: seconds },
    cancelled: {
      log: ended.status === "ok" ? ended.value : String(ended.error),
      left: ended.leaks.map(({ description }) => description),
    },
    race: { inOrder: simulate(race, settings).status, stack: String(failure?.error.stack) },
  };
}
console.log(JSON.stringify(found));
