// Random programs of async functions, as texts: every statement logs, so that the log has the order of all that
// happens.

import type { Random } from "../../support/random.ts";

const FUNCTIONS = 5;

export function randomProgram(random: Random): string {
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
async function* generator(n) {
  try { for (let i = 0; i < n; i++) { ${this.#random.chance(50) ? "await null;" : ""} yield ${this.#random.pick(["i", "Promise.resolve(i)"])}; } }
  finally { log("closed"); await null; log("really"); }
}
class Shop {
  factor = 2; later = async (x) => { await null; return this.factor * x; };
  async buy(x, y = x) { await null; return this.factor + x + y; }
  static async sell(...xs) { return xs.length; }
  async #secret(x) { return await this.later(x); }
  async tell(x) { return (await this.#secret(x)) + (await this.buy(1)); }
}
class Market extends Shop { async buy(x) { const most = await super.buy(x); return (async () => most + (await super.tell.call(this.other, arguments[0])))(); } other = new Shop(); }
${functions.join("\n")}
log("begins"); const a = f0(1), b = f1(2); log("started");
a.then((x) => log("a", x), (e) => log("a failed", e.message)); b.then((x) => log("b", x), (e) => log("b failed", e.message));`;
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

  /** An expression to await; functions call later ones only, so that each program ends. */
  #value(index: number, depth: number): string {
    const n = this.#random.below(9);
    const inner = (): string => this.#value(index, depth + 1);
    const called = index + 1 + this.#random.below(FUNCTIONS);
    const simple = ["null", `${n}`, `Promise.resolve(${n})`, `{ then(resolve) { log("then"); resolve(${n}); } }`];
    const calls = [
      called < FUNCTIONS ? `f${called}(${n})` : "x",
      `new Shop().tell(${n})`,
      `new Market().buy(${n})`,
      `Shop.sell(1, ${n})`,
    ];
    if (depth > 2) return this.#random.pick(simple);
    switch (this.#random.below(9)) {
      case 0:
      case 1:
        return this.#random.pick(simple);
      case 2:
      case 3:
        return this.#random.pick(calls);
      case 4:
        return `Promise.all([${inner()}, ${inner()}])`;
      case 5:
        return `Promise.race([${inner()}, ${inner()}])`;
      case 6:
        return `(async () => { await ${inner()}; return ${inner()}; })()`;
      case 7:
        return `[await ${inner()}, await ${inner()}].length`;
      default:
        return `Promise.resolve(${inner()}).then((v) => { log("then", typeof v); return v; }).finally(() => log("finally"))`;
    }
  }

  #statement(index: number, depth: number): string {
    const label = this.#labels++;
    const value = (): string => this.#value(index, depth);
    const inner = (): string => (depth > 1 ? "await null;" : this.#statement(index, depth + 1));
    switch (this.#random.below(9)) {
      case 0:
        return `log(${label}, typeof await ${value()});`;
      case 1:
        return `{ const p = ${value()}; log(${label}); log(${label}, typeof (await p)); }`;
      case 2:
        return `try { ${inner()} if (x % 3 === ${this.#random.below(3)}) throw new Error("${label}"); ${inner()} } catch (e) { log(${label}, e.message); ${inner()} } finally { await ${value()}; log("finally ${label}"); }`;
      case 3:
        return `l${label}: for await (const v of generator(${1 + this.#random.below(3)})) { log(${label}, v); if (v === ${this.#random.below(3)}) ${this.#random.pick(["break", "continue"])} l${label}; ${inner()} }`;
      case 4:
        return `for (let i = 0; i < 2; i++) { ${inner()} if (await ${value()} === i) continue; log(${label}, i); }`;
      case 5:
        return `void (async () => { await ${value()}; log("aside ${label}"); })();`;
      case 6:
        return `queueMicrotask(() => log("microtask ${label}"));`;
      case 7:
        return `log(${label}, (await Promise.all([1, 2].map(async (n) => { await ${value()}; return n * x; }))).join());`;
      default:
        return `switch (await ${this.#random.below(3)}) { case 0: ${inner()} case 1: log(${label}, "one"); break; default: ${inner()} }`;
    }
  }
}
