import { expect, test } from "vitest";
import { type Job, runRounds } from "../../../bench/harness/rounds.ts";

const silent = { begin() {}, endRound() {}, end() {} };

/** Jobs that log their name, and measure how often they were called. */
function jobsOf(names: string, log: string[]): Job<number>[] {
  return Array.from(names, (name) => ({
    name,
    measure: async () => log.push(name) && log.filter((other) => other === name).length,
  }));
}

test("each round measures every job once, groups in order, in an order that turns inside a group", async () => {
  const log: string[] = [];
  const { results } = await runRounds([jobsOf("abc", log), jobsOf("xy", log)], 3, silent);
  expect(log.join("")).toBe("abcxy" + "bcayx" + "cabxy");
  expect(results.get("b")).toEqual([1, 2, 3]);
});

test("one measurement goes on at a time", async () => {
  let running = 0;
  const measure = async () => {
    expect(++running).toBe(1);
    await Promise.resolve();
    return --running;
  };
  const { failures } = await runRounds([["a", "b"].map((name) => ({ name, measure }))], 2, silent);
  expect([...failures]).toEqual([]);
});

test("a job that fails is not tried again, and has no results; the others go on", async () => {
  const log: string[] = [];
  let calls = 0;
  const failing: Job<number> = {
    name: "f",
    async measure() {
      if (++calls === 2) throw new Error("no");
      return calls;
    },
  };
  const { results, failures } = await runRounds([[failing, ...jobsOf("a", log)]], 4, silent);
  expect(calls).toBe(2);
  expect([...failures]).toEqual([["f", "no"]]);
  expect([...results]).toEqual([["a", [1, 2, 3, 4]]]);
});

test("progress is told of each measurement and each round", async () => {
  const told: string[] = [];
  const progress = {
    begin: (done: number, total: number, what: string) => void told.push(`${done}/${total} ${what}`),
    endRound: (round: number, rounds: number) => void told.push(`${round + 1} of ${rounds}`),
    end: () => void told.push("end"),
  };
  await runRounds([jobsOf("a", [])], 2, progress);
  expect(told).toEqual(["0/2 a, round 1 of 2", "1 of 2", "1/2 a, round 2 of 2", "2 of 2", "end"]);
});
