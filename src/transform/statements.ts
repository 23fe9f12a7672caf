// The forms that statements of async functions are given.

import type { CatchClause, ForOfStatement, Statement, VariableDeclaration } from "oxc-parser";
import type { Edits } from "./edits.ts";
import type { Helpers } from "./helpers.ts";
import type { Source } from "./source.ts";

export class Statements {
  readonly #source: Source;
  readonly #edits: Edits;
  readonly #helpers: Helpers;
  #serial = 0;

  constructor(source: Source, edits: Edits, helpers: Helpers) {
    this.#source = source;
    this.#edits = edits;
    this.#helpers = helpers;
  }

  /**
   * `for await (LEFT of RIGHT) BODY`, whose labels begin at `start`:
   *
   *     { const i = aiter(); try { while (i.going) for (LEFT of yield* i.step(i.begun ? void 0 : RIGHT)) BODY }
   *       catch (e) { throw i.failed(e); } finally { yield* i.close(); } }
   *
   * A step gives one value or none, so that the loop inside does with LEFT what the language says, and tells of being
   * left early.
   */
  forAwait({ start: at, left, right, body }: ForOfStatement, start: number): void {
    const edits = this.#edits;
    const loop = this.#newName("i");
    edits.before(start, `{ const ${loop} = ${this.#helpers.use("aiter")}(); try { while (${loop}.going) `);
    const word = this.#source.find("await", at + "for".length);
    edits.replace(word, word + "await".length, "");
    if (left.type === "Identifier" && left.name === "async") edits.replace(left.start, left.end, "(async)");
    edits.before(right.start, `yield* ${loop}.step(${loop}.begun ? void 0 : `);
    edits.after(right.end, ")");
    const error = this.#helpers.own("e");
    const end = ` } catch (${error}) { throw ${loop}.failed(${error}); } finally { yield* ${loop}.close(); } }`;
    edits.after(body.end, end);
  }

  /** What a block declares by `await using`: all of the block behind `from` is tried, and disposed of at its end. */
  usingBlock(declarations: readonly VariableDeclaration[], from: number, end: number): void {
    const stack = this.#newName("d");
    this.#edits.after(from, ` ${this.#openStack(stack)}`);
    this.#edits.after(end, `${this.#closeStack(stack)} `);
    for (const each of declarations) this.#usings(each, stack);
  }

  /** `for (await using x = ...; ...) BODY` */
  usingLoop(declaration: VariableDeclaration, body: Statement, start: number): void {
    const stack = this.#newName("d");
    this.#edits.before(start, `{ ${this.#openStack(stack)} `);
    this.#edits.after(body.end, `${this.#closeStack(stack)} }`);
    this.#usings(declaration, stack);
  }

  /** `for (await using x of y) BODY` */
  usingOf(declaration: VariableDeclaration, body: Statement): void {
    const stack = this.#newName("d");
    const [{ id }] = declaration.declarations as [VariableDeclaration["declarations"][number]];
    const name = id.type === "Identifier" ? id.name : "";
    this.#words(declaration);
    this.#edits.before(body.start, `{ ${this.#openStack(stack)} ${stack}.useAsync(${name}); `);
    this.#edits.after(body.end, `${this.#closeStack(stack)} }`);
  }

  /** A cancellation passes, as it does by Python's `except Exception`, if the clause does not speak of it. */
  catchClause({ start, end, param, body }: CatchClause): void {
    if (/\bCancelledError\b/.test(this.#source.code.slice(start, end))) return;
    const edits = this.#edits;
    const pass = this.#helpers.use("pass");
    const error = param?.type === "Identifier" ? param.name : this.#helpers.own("e");
    if (param === null) edits.after(start + "catch".length, ` (${error})`);
    if (param === null || param.type === "Identifier") return edits.after(body.start + 1, ` ${pass}(${error});`);
    edits.after(start + "catch".length, ` (${error}) { ${pass}(${error}); try { throw ${error}; } catch`);
    edits.after(body.end, " }");
  }

  #openStack(stack: string): string {
    return `const ${stack} = ${this.#helpers.use("stack")}(); try {`;
  }

  #closeStack(stack: string): string {
    const error = this.#helpers.own("e");
    return ` } catch (${error}) { ${stack}.fail(${error}); } finally { yield* ${stack}.dispose(); }`;
  }

  #usings(declaration: VariableDeclaration, stack: string): void {
    const use = declaration.kind === "using" ? "use" : "useAsync";
    this.#words(declaration);
    for (const { id, end } of declaration.declarations)
      if (id.type === "Identifier") this.#edits.after(end, `, ${this.#newName("u")} = ${stack}.${use}(${id.name})`);
  }

  /** `await using` and `using` are `const`. */
  #words({ start, kind }: VariableDeclaration): void {
    const word = this.#source.find("using", start);
    this.#edits.replace(word, word + "using".length, "const");
    if (kind === "await using") this.#edits.replace(start, start + "await".length, "");
  }

  #newName(name: string): string {
    return this.#helpers.own(`${name}${++this.#serial}`);
  }
}
