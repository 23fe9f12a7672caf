// Statements that wait: lowered they do what they do as they stand.

import { describe, expect, test } from "vitest";
import { lowered, onLoop } from "../../support/lowered-program.ts";
import { runLowered } from "../../support/lowered-run.ts";
import { runNatively } from "../../support/native-run.ts";
import { expectSame } from "./evaluate.ts";

/** An async iterable of numbers that logs how it is used. */
const COUNTER = `const counter = (n, more = {}) => ({ i: 0, [Symbol.asyncIterator]() { log("open"); return this; },
  async next() { return this.i < n ? { value: this.i++, done: false } : { done: true }; }, async return() { log("close"); return {}; }, ...more });`;

const inFunction = (body: string): string =>
  `${COUNTER} (async function f() { ${body} })().catch((e) => log("failed", e instanceof TypeError ? "" : e.message));`;

describe("for await", () => {
  test("goes through async and sync iterables", async () => {
    await expectSame(
      inFunction(
        `for await (const x of counter(2)) log(x); for await (const x of [Promise.resolve("a"), "b"]) log(x); log("end");`,
      ),
      ["open", "0", "1", "a", "b", "end"],
    );
  });

  test("assigns to whatever may stand there", async () => {
    await expectSame(
      inFunction(`let x, o = {}; for await (x of counter(1)); for await (o.y of counter(2)); for await ([o["z"]] of [[5]]);
        for await ({ a: x = await 7 } of [{}]) log(x); for await (const [p, { q = p }] of [[1, {}]]) log(p, q); let async; for await (async of ["async"]); for await (var v of [9]); log(o.y, o.z, async, v);`),
      ["open", "open", "7", "1 1", "1 5 async 9"],
    );
  });

  test("is left by break, return and throw, and closes what it goes through", async () => {
    await expectSame(
      inFunction(`for await (const x of counter(3)) if (x === 1) break; log("after break");
        await (async () => { for await (const x of counter(3)) return log("returns"); })();
        try { for await (const x of counter(3)) throw new Error("thrown"); } catch (e) { log(e.message); }
        try { for await (const { y } of counter(1, { async next() { return { value: null, done: false }; } })); } catch (e) { log(e.name); }`),
      [
        "open",
        "close",
        "after break",
        "open",
        "returns",
        "close",
        "open",
        "close",
        "thrown",
        "open",
        "close",
        "TypeError",
      ],
    );
  });

  test("closes nothing that fails by itself", async () => {
    await expectSame(
      inFunction(`try { for await (const x of counter(1, { async next() { throw new Error("next"); } })); } catch (e) { log(e.message); }
        try { for await (const x of counter(1, { async next() { return { done: false, get value() { throw new Error("value"); } }; } })); } catch (e) { log(e.message); }
        for await (const x of counter(1, { async next() { return { done: true }; } })) log("never"); for await (const x of null);`),
      ["open", "next", "open", "value", "open", "failed "],
    );
  });

  test("with an error of the loop: that of closing is not seen", async () => {
    await expectSame(
      inFunction(
        `for await (const x of counter(1, { async return() { log("close"); throw new Error("closing"); } })) throw new Error("first");`,
      ),
      ["open", "close", "failed first"],
    );
  });

  test("has labels: break and continue go where they say", async () => {
    await expectSame(
      inFunction(`outer: for (const a of [1, 2]) { inner: for await (const b of counter(3)) { if (b === 1) continue inner; if (b === 2) continue outer; log(a, b); } }
        one: two: for await (const x of counter(9)) { for (;;) { if (x === 0) continue one; break two; } }
        block: { for await (const x of counter(1)) break block; log("never"); } log("end");`),
      ["open", "1 0", "close", "open", "2 0", "close", "open", "close", "open", "close", "end"],
    );
  });

  test("gives each turn variables of its own, which are in their dead zone before", async () => {
    await expectSame(
      inFunction(`const fs = []; for await (const x of [1, 2]) fs.push(() => x); log(fs.map((f) => f()).join());
        try { for await (const y of [y]); } catch (e) { log(e.name); }`),
      ["1,2", "ReferenceError"],
    );
  });

  test("stands where any statement does", async () => {
    await expectSame(
      inFunction(`if (true) for await (const x of [1]) log(x); else log("no"); do for await (const x of [2]) log(x); while (false)
        for await (const x of [3]) for await (const y of [4]) log(x, y)
        switch (1) { case 1: for await (const x of [5]) log(x); }`),
      ["1", "2", "3 4", "5"],
    );
  });

  test("has its right side evaluated once, whatever is awaited in it", async () => {
    await expectSame(inFunction(`for await (const x of (log("once"), await Promise.resolve([1, 2]))) log(x);`), [
      "once",
      "1",
      "2",
    ]);
  });
});

// Node 20 has no `using`: what is expected is what the language says.
describe("await using", () => {
  const OPEN = `const open = (name, isAsync = true) => ({ name, [isAsync ? Symbol.asyncDispose : Symbol.dispose]() { log("close", name); return isAsync ? Promise.resolve() : undefined; } });
    Symbol.asyncDispose ??= Symbol.for("asyncDispose"); Symbol.dispose ??= Symbol.for("dispose");`;
  const program = (body: string): string =>
    `${OPEN} (async function () { ${body} })().catch((e) => log("failed", e.message));`;
  const native = { isNative: false };

  test("disposes at the end of its block, the last one first", async () => {
    await expectSame(
      program(
        `{ await using a = open("a"), b = open("b"); using c = open("c", false); await using nothing = null; log(a.name, b.name, c.name); } log("after");`,
      ),
      ["a b c", "close c", "close b", "close a", "after"],
      native,
    );
  });

  test("in the body of a function, behind its directives; and when it returns or throws", async () => {
    await expectSame(
      `${OPEN} async function f(how) { "use strict"; await using a = open("a"); if (how === 1) return "returned"; throw new Error("thrown"); }
       f(1).then(log).then(() => f(2)).catch((e) => log(e.message));`,
      ["close a", "returned", "close a", "thrown"],
      native,
    );
  });

  test("in loops: at the end of each turn, or of the loop", async () => {
    await expectSame(
      program(`for (await using x of [open("x"), open("y")]) { log(x.name); if (x.name === "y") continue; }
        for await (await using x of [Promise.resolve(open("z"))]) log(x.name);
        label: for (await using a = open("a"), i = null; ; ) { log("once"); break label; } log("after");`),
      ["x", "close x", "y", "close y", "z", "close z", "once", "close a", "after"],
      native,
    );
  });

  test("has function declarations and variables of the block as before", async () => {
    await expectSame(
      program(
        `{ log(late()); await using a = open("a"); function late() { return "late"; } var v = 1; let w = 2; log(v, w); } log(v);`,
      ),
      ["late", "1 2", "close a", "1"],
      native,
    );
  });

  test("in files and plain functions it is left as it is", () => {
    const code = `async function f() {} await using x = open(); function g() { using y = open(); }`;
    expect(lowered(code, "a.mjs")).toContain("await using x = open(); function g() { using y = open(); }");
  });
});

describe("catch", () => {
  const pass = /\$w_pass\((\$we|e)\)/g;

  test("lets a cancellation pass, if it does not speak of it", () => {
    const code = `async function f() { try {} catch { a(); } try {} catch (e) { b(e); } try {} catch ({ message = await c() }) { d(message); } try {} catch (e) { if (e instanceof CancelledError) throw e; } }
      function plain() { try {} catch {} }`;
    expect(lowered(code).match(pass)).toHaveLength(3);
  });

  test("with a pattern, without a parameter, and nested", async () => {
    await expectSame(
      inFunction(`try { throw new Error("a"); } catch ({ message, more = await "m" }) { log(message, more); }
        try { await Promise.reject(1); } catch { log("none"); } finally { await null; log("finally"); }
        try { try { throw new Error("in"); } catch ({ message }) { throw new Error(message + "ner"); } } catch (e) { log(e.message); }`),
      ["a m", "none", "finally", "inner"],
    );
  });
});

describe("await and yield", () => {
  test("stand where any expression does", async () => {
    await expectSame(
      inFunction(`const o = { f: async (x) => x, [await "key"]: await 1 }; log(o.key + await o.f(2) * 2, await (1, 2), -await 3, typeof await 4, [...await [5]].join(), \`\${await 6}\`);
        log((await o.f({ x: 7 })).x, await await 8, await o?.f?.(9), await new Promise((r) => r(10)) ?? 0, (await 11, 12));
        class C extends (await Object) { [await "m"]() { return 13; } } log(new C().m()); x: while (await true) break x; if (await false); else log("else"); return await 14;`),
      ["5 2 -3 number 5 6", "7 8 9 10 12", "13", "else"],
    );
  });

  test("keep their comments and their lines", () => {
    const code = `async function f() {\n  return await /* what */ g( // why\n    1,\n  );\n}\nconst h = async (\n  a, // first\n) => // then\n  await a;`;
    const text = lowered(code);
    for (const comment of ["/* what */", "// why", "// first", "// then"]) expect(text).toContain(comment);
  });

  test("have a name that is not taken in the file", () => {
    expect(lowered(`const $w_run = 1, $w$ = 2; async function f() {}`)).toMatch(
      /run: \$w\$\$_run|runAs: \$w\$\$_runAs/,
    );
  });
});

describe("what cannot be lowered", () => {
  test.each([
    ["`yield` is a name there", `async function load() {\n  yield = 1; }`, "load at file.cjs:2:3"],
    ["`yield` is a name there", `(async (yield) => 1)`, "an async function at file.cjs:1:9"],
    [
      "it calls super() in a function that is lowered",
      `class A extends B { constructor() { (async () => super())(); } }`,
      "file.cjs:1:50",
    ],
  ])("is refused: %s", async (reason, code, place) => {
    const { lowerAsync } = await import("wasyncio/transform");
    const call = (): unknown => lowerAsync(code, { file: "file.cjs" });
    expect(call).toThrow(SyntaxError);
    expect(call).toThrow(reason);
    expect(call).toThrow(place);
  });
});

test("for await runs a generator in its own task, and those who ask meanwhile are served behind, in order", () => {
  const code = `const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    async function* numbers() {
      try { for (let i = 0; i < 6; i++) { log("makes", i); await pause(2); yield Promise.resolve(i); } }
      finally { log("closed"); await null; log("really"); }
    }
    const ask = (it, label) => it.next().then(({ value, done }) => log(label, value, done), (e) => log(label, e.message));
    async function main() {
      const it = numbers();
      const asked = [];
      setTimeout(() => asked.push(ask(it, "meanwhile")), 1);
      for await (const x of it) { log("got", x); if (x === 2) asked.push(ask(it, "inside"), ask(it, "inside, too")); }
      await Promise.all(asked);
      const begun = numbers();
      const early = ask(begun, "early");
      for await (const x of begun) { log("then", x); if (x === 2) break; }
      await early;
      await ask(begun, "ended");
      const failing = (async function* () { yield 1; await null; throw new Error("fails"); })();
      try { for await (const x of failing) { log(x); ask(failing, "behind"); } } catch (e) { log("caught", e.message); }
      for await (const x of failing) log("never");
      const replaced = numbers();
      replaced.next = () => Promise.resolve({ done: true });
      for await (const x of replaced) log("never");
      const outer = async function* () { log(yield* numbers()); return yield "last"; };
      for await (const x of outer()) log("outer", x);
    }
    { let n = 0; (function tick() { if (n++ < 15) { Promise.resolve().then(tick); log("tick"); } })(); }`;
  const { lines } = runLowered(onLoop(code));
  expect(lines).toEqual(runNatively(`${code} return main();`));
  expect(lines.length).toBeGreaterThan(50);
});
