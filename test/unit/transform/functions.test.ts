// Each form of function: lowered it does what it does as it stands.

import { compileFunction } from "node:vm";
import { describe, expect, test } from "vitest";
import { run } from "wasyncio/async";
import * as helpers from "wasyncio/lowered";
import { lowered, onLoop } from "../../support/lowered-program.ts";
import { runLowered } from "../../support/lowered-run.ts";
import { runNatively } from "../../support/native-run.ts";
import { expectSame, stripped } from "./evaluate.ts";

describe("async functions", () => {
  test("run up to their first await when they are called, and give way once for each", async () => {
    await expectSame(
      `async function f(a, b) { log("f", a, b); const c = await a; log(await c + b); return c; }
       f(1, 2).then((c) => log("ended", c)); log("called");`,
      ["f 1 2", "called", "3", "ended 1"],
    );
  });

  test("reject with what they throw, and with what their parameters throw", async () => {
    await expectSame(
      `async function f(a = fail("parameter")) { throw new Error("body"); }
       function fail(text) { throw new Error(text); }
       f(1).catch((e) => log(e.message)); f().catch((e) => log(e.message)); log("called");`,
      ["called", "body", "parameter"],
    );
  });

  test("take three ticks over a promise that they return", async () => {
    await expectSame(`async function f() { return Promise.resolve(1); } f().then(log);`, ["1"]);
  });

  test("are hoisted, may call themselves and have their names and lengths", async () => {
    await expectSame(
      `log(f.name, f.length, g.length, h.length);
       async function f(a, b) { return a === 0 ? "end" : await f(a - 1); }
       async function g(a, b = 1, c) {}
       async function h({ a }, ...rest) {}
       f(3).then(log);`,
      ["f 2 1 1", "end"],
    );
  });

  test("have this and arguments, also where parameters have defaults", async () => {
    await expectSame(
      `async function f(a, b = a) { await null; log(this.x, arguments.length, a, b); }
       async function g(a) { await null; log(this.x, arguments[1], arguments.length); }
       f.call({ x: 1 }, 5); g.apply({ x: 2 }, [1, 2, 3]);`,
      ["1 1 5 5", "2 2 3"],
    );
  });

  test("in sloppy code: arguments are linked to parameters, this is an object, both are the function's", async () => {
    await expectSame(
      `async function f(a) { a = 2; await null; log(arguments[0], typeof this); }
       async function g() { "use strict"; await null; log(typeof this); }
       async function h(a, a) { log(a); }
       f.call(7, 1); g.call(7); h(1, 2); log(Object.hasOwn(f, "caller"));`,
      ["2", "false", "2 object", "number"],
      { isStrict: false },
    );
  });

  test("may be declared in blocks, with other names there", async () => {
    await expectSame(
      `{ async function f() { return 1; } f().then(log); } { async function f() { return 2; } f().then(log); }`,
      ["1", "2"],
    );
  });

  test("that something is assigned to are not run in place", async () => {
    const code = `async function f(a) {} f = wrap(f); async function g(a) {} await_; async function h() { await f(1); await g(2); }`;
    expect(lowered(code)).toMatch(/\$w_run\(f\$w_1\(\$w0\), "f"\).*\$w_runAs\(g\$w_2\(\$w0\), "g", g\)/s);
    expect(lowered(code)).toMatch(/await\(\(\$w_d\.f = g, g\(2\)\)\)/);
  });

  test("are run in place where nothing comes between the arguments and the call", () => {
    const code = `async function f() { await f(g()); await f(a, 1, this); await o.f(1); await f?.(1); await f(...a); }`;
    expect(lowered(code)).toContain("f($w_calling(g(), f))");
    expect(lowered(code).match(/d\.f = |calling\(/g)).toHaveLength(2);
  });

  test("are run in place when they are a constant, in the order in which they would be called", () => {
    const code = `const arrow = async (n) => { log("arrow", n); return n; };
      const expression = async function (n) { log("expression", n); await null; return n; };
      const named = async function own(n) { log("own", n); return n === 0 ? 0 : await own(n - 1); };
      const wrapped = ((f) => (...args) => f(...args))(async (n) => n);
      let changed = async (n) => { log("first", n); }; const change = () => { changed = arrow; return 7; };
      async function declared(n) { log("declared", n); return n; }
      const kept = [];
      const keep = (n) => { kept.push(arrow(n), declared(n)); return n; };
      async function main() {
        log(await arrow(await arrow(1)), await expression(await declared(2)), await named(2), await wrapped(3));
        log(await arrow(keep(4)), await declared(keep(5)), await declared(...[6]), await changed(change()));
        log(await Promise.all(kept), await arrow(7, await null), await arrow(typeof declared(8)));
        for (const f of [arrow, declared]) { const p = f(9); log("started"); await p; }
      }`;
    const ticks = `{ let n = 0; (function tick() { if (n++ < 22) { Promise.resolve().then(tick); log("tick"); } })(); }`;
    const { lines } = runLowered(onLoop(`${code} ${ticks}`));
    expect(lines).toEqual(runNatively(`${code} ${ticks} return main();`));
    expect(lines.length).toBeGreaterThan(22 + 20);
  });

  test("may call themselves to any depth, when the call is awaited", async () => {
    const code = `const sum = async (n) => (n === 0 ? 0 : n + (await sum(n - 1)));
      async function deep(n) { return n === 0 ? 0 : 1 + await deep(n - 1); }
      async function main() { return [await sum(50_000), await deep(50_000)]; }`;
    expect(await run(() => onLoop(code)(() => {}))).toEqual([1_250_025_000, 50_000]);
  });
});

describe("async function expressions", () => {
  test("with names see themselves, whatever is assigned outside", async () => {
    await expectSame(
      `let f = async function g(n) { return n === 0 ? typeof g : await g(n - 1); };
       const h = f; f = null; h(2).then(log); log(h.name, h.length);`,
      ["g 1", "function"],
    );
  });

  test("with names in sloppy code: assignments to them go nowhere", async () => {
    await expectSame(
      `(async function g() { g = 1; log(typeof g); })();
       const strict = async function g() { "use strict"; try { g = 1; } catch (e) { log(e.name); } }; strict();`,
      ["function", "TypeError"],
      { isStrict: false },
    );
  });

  test("without names get those of what they are assigned to", async () => {
    await expectSame(
      `const f = async function () {}; let g; g = async function (a) {}; const o = { h: async function () {}, "a b": async function () {} };
       const { i = async function () {} } = {}; const key = "k"; const computed = { [key]: async function () {} };
       log(f.name, g.name, o.h.name, o["a b"].name, i.name, computed.k.name, (() => async function () {})().name + ".");`,
      ["f g h a b i k ."],
    );
  });

  test("are called as methods with their object", async () => {
    await expectSame(
      `const o = { x: 1, f: async function (a) { await null; return this.x + a; } }; o.f(2).then(log);`,
      ["3"],
    );
  });
});

describe("async arrow functions", () => {
  test("with and without parentheses, blocks and defaults", async () => {
    await expectSame(
      `const a = async x => await x; const b = async (x, y = 1) => { await null; return x + y; }; const c = async () => ({ z: 1 });
       const d = async ({ x }, ...rest) => [x, ...rest].join();
       a(1).then(log); b(1).then(log); c().then((o) => log(o.z)); d({ x: 1 }, 2, 3).then(log);
       log(a.name, a.length, b.length, c.length, d.length);`,
      ["a 1 1 0 1", "1", "1,2,3", "1", "2"],
    );
  });

  test("have this, arguments and new.target of the function around", async () => {
    await expectSame(
      `function F(a) { this.x = 1; const f = async () => [this.x, arguments[0], new.target === F].join();
         const g = async () => { const h = async () => arguments.length; return await h(); };
         f().then(log); g().then(log); }
       new F(5);
       async function outer(a) { const f = async () => arguments[0] + (await (async () => arguments[1])()); return await f(); }
       outer(1, 2).then(log);
       (function () { const f = async (arguments_ = { arguments }) => arguments_.arguments[0]; f().then(log); })(9);`,
      ["1,5,true", "9", "1", "3"],
    );
  });

  test("have super of the method around", async () => {
    await expectSame(
      `class A { get x() { return "x" + this.y; } m(a, b) { return "m" + this.y + a + b; } set z(v) { this.zz = v; } }
       class B extends A { y = 1;
         f() { return (async () => { super.z = 3; super["z"] += 0; return [super.x, super.m(1, await 2), super["m"]?.(3, 4), this.zz].join(); })(); }
         async g() { await null; return (() => super.m(5, 6))() + super.m\`t\`; }
         field = async () => super.x; }
       const b = new B(); b.f().then(log); b.g().then(log); b.field().then(log);`,
      ["x1", "x1,m112,m134,NaN", "m156m1tundefined"],
    );
  });

  test("end the statement where the next line begins with a parenthesis", async () => {
    await expectSame(
      `const f = async () => { log("f") }
       (1, log)("not called with f")
       let g
       g = async () => {}
       [1].forEach(() => log("each"))
       class C { h = async () => {}
         ["i"] = 2 }
       log(new C().i, typeof g)
       f()`,
      ["not called with f", "each", "2 function", "f"],
    );
  });

  test("may begin a statement", async () => {
    await expectSame(
      `let x = log
       async () => 1
       async function f() {
         let y = log
         await null + 1
         y("as it was")
       }
       f()`,
      ["as it was"],
    );
  });

  test("have their names for stacks and tasks", () => {
    const code = `const load = async () => { throw new Error("x"); }; q.add(async () => {}); class C { #p = async () => {}; }`;
    expect(lowered(code)).toMatch(/"load", load\) \}\)\.load\)\(\{ \*load\(\)/);
    expect(lowered(code)).toContain(`"add(async)"`);
    expect(lowered(code)).toContain(`*"#p"()`);
  });

  test("have the frame of their name on the stack", async () => {
    await expectSame(
      `const load = async () => { throw new Error("x"); };
       async function outer() { await load(); }
       outer().catch((e) => log(/at (\\w+)/.exec(e.stack)[1]));`,
      ["load"],
    );
  });
});

describe("functions that are asked for their kind", () => {
  test("stay what they are, so that functions can be made of texts", async () => {
    await expectSame(
      `const AsyncFunction = (async () => {}).constructor; const Generator = Object.getPrototypeOf(async function* () {}).constructor;
       const f = new AsyncFunction("x", "return await x;"); f(1).then(log);
       log(AsyncFunction.name, Generator.name, Reflect.getPrototypeOf((async function () {})) === AsyncFunction.prototype);`,
      ["AsyncFunction AsyncGeneratorFunction true", "1"],
    );
  });
});

describe("async methods", () => {
  test("of classes: static, private, computed, with modifiers for names", async () => {
    await expectSame(
      `const key = "k"; let order = [];
       class C { x = 1
         async a(b) { await null; return this.x + b; }
         static async s() { return this.name; }
         async #p(n) { return this.x + n; }
         async callsPrivate() { return await this.#p(1); }
         static async #q() { return "q"; }
         static async callsQ() { return await C.#q(); }
         y = 2
         async [key]() { return "computed"; }
         static async [(order.push(1), "l")]() { return order.length; }
         async static() { return "static"; } static async async() { return "async"; } async get() { return "get"; }
         async "a b"() { return "a b"; } async 7() { return 7; }
         async def(a, b = a, { c } = {}) { return [a, b, c, arguments.length].join(); } }
       const c = new C();
       for (const p of [c.a(1), C.s(), c.callsPrivate(), C.callsQ(), c.k(), C.l(), c.static(), C.async(), c.get(), c["a b"](), c[7](), c.def(1)]) p.then(log);
       log(c.a.name, c.a.length, c.def.length, c["a b"].name, Object.hasOwn(c.a, "prototype"));`,
      ["a 1 1 a b false", "C", "computed", "1", "static", "async", "get", "a b", "7", "1,1,,1", "2", "2", "q"],
    );
  });

  test("work on what is no instance, and in classes without names", async () => {
    await expectSame(
      `const K = class { async a(b) { await null; return [this.x, b].join(); } async #p() { return 1; } async q() { return await this.#p(); } };
       class L { async m() { return this.x; } }
       K.prototype.a.call({ x: 1 }, 2).then(log); L.prototype.m.call({ x: 5 }).then(log); new K().q().then(log);`,
      ["5", "1,2", "1"],
    );
  });

  test("have super, also to assign to it and in static ones", async () => {
    await expectSame(
      `class A { m(a) { return "A" + this.n + a; } static s(a) { return "S" + this.n + a; } async am() { return "async"; } }
       class B extends A { n = 1; static n = 2;
         async m(a) { await null; super.t = 5; return super.m(a) + (await super.am()) + this.t; }
         static async s(a) { await null; return super.s(a); }
         async *g() { yield super.m(1); } }
       new B().m(3).then(log); B.s(4).then(log); new B().g().next().then(({ value }) => log(value));
       const o = { __proto__: { m() { return "proto" + this.x; } }, x: 1, async m() { await null; return super.m(); } };
       o.m().then(log);`,
      ["S24", "A11", "proto1", "A13async5"],
    );
  });

  test("have super beside parameters of every kind", async () => {
    await expectSame(
      `class A { m(...all) { return all.join(); } }
       class B extends A {
         async a( /* ( */ a, b) { await null; return super.m(a, b); }
         async b(a, b = a + 1) { await null; return super.m(a, b); }
         async c(a) { await null; return super.m(...arguments); }
         async ["d"](a) { await null; return [1, 2].map((x) => super.m(x, a)).join(";"); }
         async *e(a) { yield (async () => super.m(a))(); } }
       const b = new B(); log(b.a.length, b.b.length, b.a.name);
       b.a(1, 2).then(log); b.b(1).then(log); b.c(1, 2).then(log); b.d(3).then(log); b.e(4).next().then(({ value }) => log(value));
       B.prototype.a.call({ x: 1 }, 5).then(log);`,
      ["2 1 a", "1,2", "1,2", "1,2", "1,3;2,3", "4", "5,"],
    );
    const typed = `class B extends A { async m<T>(a: T): Promise<T> { return super.m(a); } async n(this: B, a: number) { await super.m(a); } }`;
    const text = lowered(typed, "b.mts");
    expect(text).toContain("static *#m$w_1<T>($ws, a: T): Promise<T> {");
    expect(text).toContain("function* (this: B, a: number) {");
    expect(stripped(text)).not.toContain(": number");
  });

  test("of objects: keys of every kind", async () => {
    await expectSame(
      `const key = "k";
       const o = { x: 1, async a(b) { await null; return this.x + b; }, async "b c"() { return 2; }, async 3() { return 3; }, async [key](a) { return this.x; },
         async *g() { yield 1; }, async __proto__() { return "own"; }, async get() { return "get"; } };
       o.a(1).then(log); o["b c"]().then(log); o[3]().then(log); o.k().then(log); o.__proto__().then(log); o.get().then(log); o.g().next().then(({ value }) => log(value));
       log(Object.keys(o).join(), o.a.name, o.a.length, o.k.name, o["b c"].name);`,
      ["3,x,a,b c,k,g,__proto__,get a 1 k b c", "2", "3", "1", "own", "get", "2", "1"],
    );
  });
});

describe("async generators", () => {
  test("yield, return, throw, and are left", async () => {
    await expectSame(
      `async function* g(a) { try { const sent = yield a; log("sent", sent); yield Promise.resolve(2); return Promise.resolve(3); } finally { await null; log("closed"); } }
       (async () => { const it = g(1); log((await it.next()).value); log((await it.next("x")).value); log((await it.next()).value, (await it.next()).done);
         const other = g(4); await other.next(); log(JSON.stringify(await other.return(5)));
         const third = g(6); await third.next(); await third.throw(new Error("in")).catch((e) => log(e.message)); })();`,
      ["1", "sent x", "2", "closed", "3 true", "closed", `{"value":5,"done":true}`, "closed", "in"],
      { hasTicks: false },
    );
  });

  test("give on what others give", async () => {
    await expectSame(
      `async function* inner() { log("got", yield 1); return "result"; }
       const o = { async *outer() { log(yield* inner()); yield* [2, Promise.resolve(3)]; } };
       (async () => { const it = o.outer(); for (const sent of ["a", "b", "c", "d"]) { const { value, done } = await it.next(sent); log(value, done); } })();`,
      ["1 false", "got b", "result", "2 false", "3 false", "undefined true"],
      { hasTicks: false },
    );
  });

  test("do nothing before the first next, but evaluate their parameters", async () => {
    await expectSame(
      `async function* g(a = log("parameter")) { log("body"); }
       const it = g(); log("made"); it.next().then(({ done }) => log(done));
       try { (async function* (a = nothing) {})(); } catch (e) { log(e.name); }`,
      ["parameter", "made", "body", "ReferenceError", "true"],
    );
  });

  test("are methods of classes, static and private", async () => {
    await expectSame(
      `class C { async *a() { yield this.x; } static async *b() { yield "b"; } async *#c() { yield "c"; } async *d() { yield* this.#c(); } x = 1; async*e() { yield "e" } }
       const c = new C();
       (async () => { for (const each of [c.a(), C.b(), c.d(), c.e()]) for await (const v of each) log(v); })();`,
      ["1", "b", "c", "e"],
    );
  });
});

describe("TypeScript and JSX", () => {
  test("keep their types, and run the same when those go", () => {
    const code = `
      export async function load<T>(this: void, url: string, read: (text: string) => Promise<T> = x): Promise<T> { return await read(url); }
      const pick = async <T,>(of: T[], ...rest: ((n: number) => void)[]): Promise<T | undefined> => of[0];
      abstract class Shop<T> { private async buy(a?: T): Promise<void> {} abstract sell(): Promise<void>; protected static override async s(): Promise<number> { return 1; } }
      namespace N { export async function inside(): Promise<void> {} }
      declare function later(): Promise<void>;
      function over(a: string): Promise<void>; async function over(a: unknown): Promise<void> { await (a as Promise<void>)!; }
      const y = (async () => 1) satisfies () => Promise<number>;`;
    const plain = stripped(lowered(code, "a.mts"));
    expect(plain).not.toMatch(/\\b(async|await)\\b|: string/);
    expect(plain).toContain(`y = `);
    expect(lowered(code, "a.mts")).toContain(
      "*pick<T,>(of: T[], ...rest: ((n: number) => void)[]): Promise<T | undefined>",
    );
  });

  test("JSX is as it was", () => {
    const code = `export const Page = async (props) => <div {...props} a={await props.load()}>{await x} <this.y/></div>;`;
    const text = lowered(code, "page.jsx");
    expect(text).toContain("a={(yield* $w_await(props.load()))}>{(yield* $w_await(x))} <this.y/></div>");
    expect(text).toContain("$wg.call(this,");
    expect(lowered(`export const f = async <T,>(x: T) => <p>{await x}</p>;`, "page.tsx")).toContain("*f<T,>(x: T)");
  });

  test("decorated methods keep their parameters", () => {
    const code = `class C { @log() async get(@id() id: number, b?: string) { await id; } @log() async set(a = 1) {} }`;
    const text = lowered(code, "c.mts");
    expect(text).toContain(`get(@id() id: number, b?: string) { return $w_call(function* (id, b) {`);
    expect(text).toContain(`set() { return $w_call(function* (a = 1) {`);
  });
});

describe("generator functions", () => {
  /** Runs the `main` of a program. Returns how many generator functions the calls of each name had. */
  async function madeBy(code: string): Promise<Record<string, number>> {
    const made = new Map<string, Set<unknown>>();
    const note = (name: string, kind: unknown): void => void made.set(name, (made.get(name) ?? new Set()).add(kind));
    const noting: typeof helpers = {
      ...helpers,
      run(body, name = "") {
        note(name, Object.getPrototypeOf(body));
        return helpers.run(body, name);
      },
      runAs(body, name, self) {
        note(name, Object.getPrototypeOf(body));
        return helpers.runAs(body, name, self);
      },
      call(generator, self, args, name = "") {
        note(name, generator);
        return helpers.call(generator, self, args, name);
      },
      agen(body, name = "") {
        note(name, Object.getPrototypeOf(body));
        return helpers.agen(body, name);
      },
    };
    await compileFunction(`"use strict"; ${lowered(code)}\nreturn main();`, ["require"])(() => noting);
    return Object.fromEntries([...made].map(([name, kinds]) => [name, kinds.size]));
  }

  test("are made once, however often what they are for is called", async () => {
    const program = `
      async function declared() { await null; }
      async function withDefaults(a = 1) { await a; }
      const expressed = async function () { await null; };
      const arrow = async (a) => { await a; };
      async function* values() { yield 1; }
      const object = { async member() { await null; } };
      class C {
        async method() { await this.#hidden(); }
        async toString(a) { return await super.toString(await a); }
        async #hidden() { await C.fixed(); }
        static async fixed() { await null; }
        field = 1;
      }
      async function main() {
        const c = new C();
        const local = async () => { await c; };
        for (let i = 0; i < 3; i++) {
          await declared(); await withDefaults(); await expressed(); await arrow(i); await object.member(); await c.method(); await c.toString(i); await local();
          for await (const value of values()) await value;
        }
      }`;
    const made = await madeBy(program);
    expect(Object.keys(made).sort()).toEqual(
      "#hidden arrow declared expressed fixed local main member method toString values withDefaults".split(" "),
    );
    expect(new Set(Object.values(made))).toEqual(new Set([1]));
  });

  test("are made anew with each arrow function, and at each call of an object's method with super", async () => {
    const program = `
      async function main() {
        const c = { __proto__: { async greet() { await null; } }, async hail() { await super.greet(); } };
        for (let i = 0; i < 3; i++) {
          const inner = async () => { await i; };
          await inner(); await inner(); await c.hail();
        }
      }`;
    expect(await madeBy(program)).toEqual({ greet: 1, hail: 3, inner: 3, main: 1 });
  });
});
