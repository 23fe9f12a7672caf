import { run, gather, sleep, timeout, forEach } from "wasyncio";
import { ThreadPoolExecutor, ProcessPoolExecutor, toThread } from "wasyncio/executors";
import * as jobs from "./test/unit/executors/jobs.mjs";
const Pool = process.argv[2] === "process" ? ProcessPoolExecutor : ThreadPoolExecutor;
const now = () => performance.now();
const cpu = () => {
  const c = process.cpuUsage();
  return (c.user + c.system) / 1e3;
};
await run(function* () {
  yield* new Pool({ maxWorkers: 2, onCancel: "signal", grace: 0.1 }).with(function* (pool) {
    let t = now();
    console.log(yield* pool.submit(jobs.add, 1, 2), "first", (now() - t).toFixed(0));
    console.log(yield* pool.submit((a, b) => a * b, 6, 7));
    const k = 5;
    try {
      yield* pool.submit((a) => a * k, 6);
    } catch (e) {
      console.log(String(e));
    }
    try {
      yield* pool.submit(jobs.fail);
    } catch (e) {
      console.log(e instanceof RangeError, e.message, e.code, e.cause.stack.split("\n")[1]);
    }
    try {
      yield* pool.submit(jobs.unsendable);
    } catch (e) {
      console.log(String(e), e.name);
    }
    try {
      yield* pool.submit(jobs.echo, () => {});
    } catch (e) {
      console.log(String(e));
    }
    console.log(yield* pool.submit(jobs.later, 8));
    const got = [];
    const f = pool.submit(jobs.counting, 5);
    yield* forEach(f.progress, (v) => {
      got.push(v);
    });
    console.log(got, yield* f);
    if (Pool === ThreadPoolExecutor) {
      const flag = new Int32Array(new SharedArrayBuffer(4));
      t = now();
      try {
        yield* timeout(0.1).with(() => pool.submit(jobs.nap, 60, flag));
      } catch (e) {
        console.log(e.name, (now() - t).toFixed(0));
      }
      yield* sleep(0.1);
      console.log("finally", flag[0]);
      try {
        yield* timeout(0.1).with(() => toThread(jobs.nap, 60, flag));
      } catch (e) {
        console.log(e.name, (now() - t).toFixed(0), flag[0]);
      }
    }
    t = now();
    try {
      yield* timeout(0.1).with(() => pool.submit(jobs.spin));
    } catch (e) {
      console.log(e.name, (now() - t).toFixed(0));
    }
    console.log(yield* gather(pool.submit(jobs.add, 1, 1), pool.submit(jobs.add, 1, 2)), (now() - t).toFixed(0));
    try {
      yield* pool.submit(jobs.exit, 3);
    } catch (e) {
      console.log(String(e));
    }
    console.log(yield* pool.submit(jobs.add, 20, 22));
    for (let k = 0; k < 4; k++) {
      t = now();
      let c = cpu();
      const N = 20000;
      const r = yield* gather(...Array.from({ length: N }, (_, i) => pool.submit(jobs.echo, i)));
      if (r.some((v, i) => v !== i)) throw new Error("order");
      console.log(((N / (now() - t)) * 1e3).toFixed(0), "/s", (((cpu() - c) / N) * 1e3).toFixed(1), "us CPU");
    }
    const ts = [];
    for (let i = 0; i < 3000; i++) {
      const s = now();
      yield* pool.submit(jobs.add, 1, 2);
      ts.push(now() - s);
    }
    ts.sort((a, b) => a - b);
    console.log("rt p50", (ts[1500] * 1e3).toFixed(0));
  });
});
console.log("end");
