// Random programs of async functions, as texts in JavaScript: each statement logs, so that the log has the order of all
// that happens. A program defines an async function `main`, which ends when all that it has started has.

import { Script } from "node:vm";
import type { Random } from "./random.ts";

const FUNCTIONS = 5;

/** Whether this engine can run a program with `await using`. */
const HAS_USING = canParse("async () => { await using nothing = null; }");

function canParse(code: string): boolean {
  try {
    new Script(code);
    return true;
  } catch {
    return false;
  }
}

/** Makes a program. Programs of one seed differ between engines that have `await using` and those that have not. */
export function randomAsyncProgram(random: Random): string {
  return new Writer(random).program();
}

class Writer {
  readonly #random: Random;
  #labels = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  program(): string {
    const functions = Array.from({ length: FUNCTIONS }, (_, index) => this.#function(index));
    return `
const delay = (ms) => new Promise((resolve) => setTimeout(() => resolve(ms), ms));
const handled = (list) => { for (const each of list) Promise.resolve(each).catch(() => {}); return list; };
const resource = (label) => ({ async [Symbol.asyncDispose]() { log("disposes", label); await ${this.#simple()}; log("disposed", label); } });
async function* generator(n) {
  log("opens");
  try { for (let i = 0; i < n; i++) { ${this.#random.chance(50) ? `await ${this.#simple()};` : ""} yield ${this.#random.pick(["i", "Promise.resolve(i)"])}; } }
  finally { log("closed"); await ${this.#random.chance(50) ? "null" : this.#simple()}; log("really"); }
}
async function* delegating(n) { ${this.#random.chance(50) ? 'yield "first";' : ""} log("gave", yield* generator(n)); return "last"; }
class Shop {
  factor = 2; later = async (x) => { await null; return this.factor * x; };
  async buy(x, y = x) { await null; return this.factor + x + y; }
  static async sell(...xs) { return xs.length; }
  async #secret(x) { return await this.later(x); }
  async tell(x) { return (await this.#secret(x)) + (await this.buy(1)); }
}
class Market extends Shop { async buy(x) { const most = await super.buy(x); return (async () => most + (await super.tell.call(this.other, arguments[0])))(); } other = new Shop(); }
${functions.join("\n")}
async function main() {
  log("begins"); const a = f0(1), b = f1(2); log("started");
  const told = [a.then((x) => log("a", x), (e) => log("a failed", e.message)), b.then((x) => log("b", x), (e) => log("b failed", e.message))];
  await Promise.all(told);
  await delay(1000);
}`;
  }

  #function(index: number): string {
    const statements = Array.from({ length: 1 + this.#random.below(3) }, () => this.#statement(index, 0));
    const body = `${statements.join(" ")} return ${this.#random.chance(60) ? "x" : this.#value(index, 1)};`;
    const name = `f${index}`;
    switch (this.#random.below(5)) {
      case 0:
        return `const ${name} = async (x) => { ${body} };`;
      case 1:
        return `const ${name} = async function own(x, y = x) { ${body} };`;
      case 2:
        return `const { ${name} } = { async ${name}(x) { ${body} } };`;
      default:
        return `async function ${name}(x) { ${body} }`;
    }
  }

  /** Milliseconds: few, so that many end at the same instant. */
  #ms(): number {
    return this.#random.below(4);
  }

  /** An expression to await in which nothing else is. */
  #simple(): string {
    const n = this.#random.below(9);
    const ms = this.#ms();
    return this.#random.pick([
      "null",
      `${n}`,
      `Promise.resolve(${n})`,
      `{ then(resolve) { log("then"); resolve(${n}); } }`,
      `{ then(resolve) { setTimeout(resolve, ${ms}, ${n}); } }`,
      `delay(${ms})`,
      `delay(${ms})`,
    ]);
  }

  /** One that rejects. */
  #rejected(): string {
    const error = `new Error("rejected ${this.#labels++}")`;
    return this.#random.pick([
      `Promise.reject(${error})`,
      `{ then(_, reject) { log("then"); reject(${error}); } }`,
      `{ then(resolve) { resolve(1); throw ${error}; } }`,
      `{ then() { throw ${error}; } }`,
      `Promise.any([Promise.reject(${error}), Promise.reject(null)])`,
      `delay(${this.#ms()}).then(() => { throw ${error}; })`,
    ]);
  }

  /** An expression to await; functions call later ones only, so that each program ends. */
  #value(index: number, depth: number): string {
    if (depth > 2) return this.#random.chance(10) ? this.#rejected() : this.#simple();
    const n = this.#random.below(9);
    const inner = (): string => this.#value(index, depth + 1);
    const called = index + 1 + this.#random.below(FUNCTIONS);
    const calls = [
      called < FUNCTIONS ? `f${called}(${n})` : "x",
      `new Shop().tell(${n})`,
      `new Market().buy(${n})`,
      `Shop.sell(1, ${n})`,
    ];
    switch (this.#random.below(14)) {
      case 0:
      case 1:
        return this.#simple();
      case 2:
      case 3:
        return this.#random.pick(calls);
      case 4:
        return `Promise.${this.#random.pick(["all", "allSettled"])}([${inner()}, ${inner()}])`;
      case 5:
        return `Promise.${this.#random.pick(["race", "any"])}([${inner()}, ${inner()}])`;
      case 6:
        return `(async () => { await ${inner()}; return ${inner()}; })()`;
      case 7:
        return `(async () => [await ${inner()}, await ${inner()}].length)()`;
      case 8:
        return `(async () => { try { return handled([${inner()}])[0]; } finally { await ${this.#simple()}; log("leaves ${this.#labels++}"); } })()`;
      case 9:
        return `Promise.resolve(${inner()}).catch((e) => { log("caught", e?.message); return ${inner()}; })`;
      case 10:
        return `new Promise((resolve, reject) => { resolve(${inner()}); reject(null); })`;
      case 11:
        return `(() => { const g = generator(${1 + this.#random.below(3)}); return Promise.all([g.next(), g.next(), ${this.#random.pick(["g.return(7)", `g.return(Promise.resolve(7))`, "g.next()"])}, g.next()]); })()`;
      case 12:
        return this.#random.chance(50) ? this.#rejected() : this.#simple();
      default:
        return `Promise.resolve(${inner()}).then((v) => { log("then", typeof v); return ${this.#random.pick(["v", inner()])}; }).finally(() => log("finally"))`;
    }
  }

  #statement(index: number, depth: number): string {
    const label = this.#labels++;
    const value = (): string => this.#value(index, depth);
    const inner = (): string => (depth > 1 ? "await null;" : this.#statement(index, depth + 1));
    const source = this.#random.pick(["generator", "delegating"]);
    switch (this.#random.below(HAS_USING ? 16 : 15)) {
      case 0:
        return `log(${label}, await ${value()});`;
      case 1:
        return `{ const p = ${value()}; log(${label}); log(${label}, await p); }`;
      case 2:
        return `try { log("begins ${label}"); ${inner()} if (x % 3 === ${this.#random.below(3)}) throw new Error("${label}"); ${inner()} } catch (e) { log(${label}, e?.message); ${inner()} } finally { log("ends ${label}"); await ${value()}; log("finally ${label}"); }`;
      case 3:
        return `l${label}: for await (const v of ${source}(${1 + this.#random.below(3)})) { log(${label}, v); if (v === ${this.#random.below(3)}) ${this.#random.pick(["break", "continue"])} l${label}; ${inner()} }`;
      case 4:
        return `for (let i = 0; i < 2; i++) { ${inner()} if (await ${value()} === i) continue; log(${label}, i); }`;
      case 5:
        return `void (async () => { try { await ${value()}; log("aside ${label}"); } catch (e) { log("aside ${label}", e?.message); } })();`;
      case 6:
        return `queueMicrotask(() => log("microtask ${label}"));`;
      case 7:
        return `log(${label}, (await Promise.all([1, 2].map(async (n) => { await ${value()}; return n * x; }))).join());`;
      case 8:
        return `switch (await ${this.#random.below(3)}) { case 0: ${inner()} case 1: log(${label}, "one"); break; default: ${inner()} }`;
      case 9:
        return `for await (const v of handled([${value()}, ${value()}])) log(${label}, v);`;
      case 10:
        return `{ const p = ${value()}; try { ${inner()} } finally { log(${label}, await p); } }`;
      case 11:
        return `try { log(${label}, await ${value()}); } catch { log("caught ${label}"); }`;
      case 12:
        return `setTimeout((n) => { log("timer ${label}", n); queueMicrotask(() => log("microtask ${label}")); }, ${this.#ms()}, x);`;
      case 13:
        return `{ let n = 0; const timer = setInterval(() => { log("interval ${label}"); if (++n === 3) clearInterval(timer); }, ${this.#ms()}); }`;
      case 14:
        return `{ const timer = setTimeout(() => log("late ${label}"), ${this.#ms()}); try { await ${value()}; } finally { clearTimeout(timer); log("cleared ${label}"); } }`;
      default:
        return `{ await using r = resource(${label}); ${inner()} await using s = resource("${label} too"); log(${label}, await ${value()}); }`;
    }
  }
}
