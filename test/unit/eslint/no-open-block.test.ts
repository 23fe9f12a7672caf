// no-open-block, on programs as people write them.

import { type Invalid, tryRule } from "./eslint.ts";

const wasyncio = `import { TaskGroup, moveOnAfter, sleep, timeout, timeoutAt } from "wasyncio";`;
const main = (code: string): string => `${wasyncio} function* main() { ${code} }`;
const open = (messageId: "exit" | "fail" | "throw", code: string): Invalid => ({
  code: main(code),
  errors: [{ messageId }],
});

const VALID = [
  main(
    `const a = timeout(5).enter(); try { yield* sleep(1); } catch (error) { throw a.fail(error); } finally { a.exit(); }`,
  ),
  main(`const a = timeoutAt(5); a.enter(); try { yield* sleep(1); } catch (e) { a.fail(e); } finally { a.exit(); }`),
  main(
    `const a = new TaskGroup().enter(); try { a.createTask(sleep(1)); } catch (e) { a.fail(e); } finally { yield* a.exit(); }`,
  ),
  main(
    `const a = moveOnAfter(5); log(a.enter()); try { yield* sleep(1); } catch (e) { if (x) log(e); a.fail(e); } finally { log(); a.exit(); }`,
  ),
  main(
    `let a; a = timeout(5).enter(); { try { yield* sleep(1); } catch (e) { throw a.fail(e); } finally { a.exit(); } }`,
  ),
  `import { TaskGroup } from "wasyncio/async"; async function main() { const a = new TaskGroup().enter(); try { await work(); } catch (e) { a.fail(e); } finally { await a.exit(); } }`,
  // what is left by others
  main(`this.scope = timeout(5).enter();`),
  main(`return timeout(5).enter();`),
  main(`keep(new TaskGroup().enter());`),
  // what is none
  main(`const a = building.enter();`),
  main(`yield* timeout(5).with(() => sleep(1));`),
  `import { timeout } from "elsewhere"; function* main() { const a = timeout(5).enter(); }`,
];

const INVALID: Invalid[] = [
  open(
    "throw",
    `const a = new TaskGroup().enter(); try { yield* sleep(1); } catch (e) { throw a.fail(e); } finally { yield* a.exit(); }`,
  ),
  open(
    "throw",
    `const a = moveOnAfter(1).enter(); try { yield* sleep(1); } catch (e) { if (x) throw a.fail(e); } finally { a.exit(); }`,
  ),
  open("exit", `timeout(5).enter(); yield* sleep(1);`),
  open("exit", `new TaskGroup().enter();`),
  open("exit", `const a = timeout(5).enter(); yield* sleep(1); a.exit();`),
  open("exit", `const a = timeout(5); a.enter(); yield* sleep(1);`),
  open("exit", `const a = timeout(5).enter(); try { yield* sleep(1); a.exit(); } catch (e) { throw a.fail(e); }`),
  open("exit", `const a = timeout(5).enter(); try { yield* sleep(1); } finally { b.exit(); a.exit; }`),
  open("exit", `const a = timeout(5).enter(); try { yield* sleep(1); } finally { later(() => a.exit()); }`),
  open("fail", `const a = timeout(5).enter(); try { yield* sleep(1); } finally { a.exit(); }`),
  open(
    "fail",
    `const a = new TaskGroup().enter(); try { yield* sleep(1); } catch (e) { throw e; } finally { yield* a.exit(); }`,
  ),
  open(
    "fail",
    `const a = moveOnAfter(1).enter(); try { try { yield* sleep(1); } catch (e) { a.fail(e); } } finally { a.exit(); }`,
  ),
];

tryRule("no-open-block", VALID, INVALID);
