// The forms that async functions are given. The generator keeps the function's text where it stands; the plain function
// that makes and runs it is written around.
//
//   async function f(a) {B}   function f($w0) { return $w_run(f$w_1($w0), "f") } function* f$w_1(a) {B}
//   async (a) => {B}          (($wg) => ($w0) => $w_run($wg($w0)))(function* (a) {B})
//   async m(a) {B}            m($w0) { return $w_run(C.#m$w_1($w0), "m") } static *#m$w_1(a) {B}
//
// So the generator is lifted: made when the function is, and not at each call, since engines take microseconds over the
// first call of each new one. A method with `super` takes that along, as the generator's first argument. Where a
// generator cannot be lifted, as in an object's method with `super`, it stands in place:
//
//   async m(a) {B}            m($w0) { return $w_run(function* (a) {B}($w0), "m") }

import type { Function, Node, ParamPattern } from "oxc-parser";
import { type FunctionInfo, type Capture, type Name, hasDecorators } from "./function-info.ts";
import type { Edits } from "./edits.ts";
import type { Helpers } from "./helpers.ts";
import { type Source, isDirective } from "./source.ts";

/** Names that no strict function may have. */
const SLOPPY_NAMES = /^(arguments|eval|implements|interface|let|package|private|protected|public|static|yield)$/;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The plain function that stands for an async one. */
interface Form {
  readonly parameters: string;
  /** Runs the generator function of this name: in the task of a call that awaits `inPlace`, if that is one. */
  run(generator: string, inPlace?: string): string;
  /** The same around the text of a generator function: what stands in front of it, and what behind. */
  around(): readonly [string, string];
}

export class Functions {
  readonly #source: Source;
  readonly #edits: Edits;
  readonly #helpers: Helpers;
  readonly #hasNames: boolean;
  /** The statements that name what the file itself declares. */
  namings = "";
  readonly #unsettled: ((assigned: ReadonlySet<string>) => void)[] = [];
  #serial = 0;

  /** @param hasNames whether stacks are to show the names of the source */
  constructor(source: Source, edits: Edits, helpers: Helpers, hasNames: boolean) {
    this.#source = source;
    this.#edits = edits;
    this.#helpers = helpers;
    this.#hasNames = hasNames;
  }

  /** Lowers a function whose inside has been lowered. */
  lower(info: FunctionInfo, isLeftmost: boolean): void {
    const { node, method } = info.facts;
    if (method?.type === "Property") this.#objectMethod(info);
    else if (method !== null) this.#classMethod(info);
    else if (node?.type === "ArrowFunctionExpression") this.#arrow(info, isLeftmost);
    else if (node?.type === "FunctionDeclaration") this.#declaration(info, node);
    else if (node?.type === "FunctionExpression") this.#expression(info, node);
  }

  /** Writes what depends on all of the file: which names it assigns to. */
  settle(assigned: ReadonlySet<string>): void {
    for (const write of this.#unsettled) write(assigned);
  }

  #declaration(info: FunctionInfo, node: Function): void {
    const form = this.#form(info);
    const name = node.id?.name;
    const generator = this.#newName(name ?? "");
    const keyword = this.#dropWords(node);
    const strict = this.#directive(info, name);
    // A call that is awaited finds the function by its name: so that has to stay what it is.
    this.#unsettled.push((assigned) => {
      const inPlace = name === undefined || assigned.has(name) ? undefined : name;
      const body = `{ ${strict}return ${form.run(generator, inPlace)} }`;
      this.#edits.after(node.id?.end ?? keyword, `(${form.parameters}) ${body} function* ${generator}`);
      if (this.#hasNames) this.#nameDeclared(info, node, this.#naming(generator, info.facts.name.text));
    });
  }

  /** The statement by which stacks show the name of the source. */
  #naming(generator: string, name: string): string {
    return ` ${this.#helpers.use("named")}(${generator}, ${JSON.stringify(name)});`;
  }

  /** A declaration is there from where its block begins: often behind what returns from that. */
  #nameDeclared({ facts: { outer } }: FunctionInfo, node: Function, naming: string): void {
    const body = outer?.facts.node?.body;
    const isIn = (statements: readonly Node[]): boolean =>
      statements.some((each) => each === node || ("declaration" in each && each.declaration === node));
    if (body?.type === "BlockStatement" && isIn(body.body))
      this.#edits.after(body.body.findLast(isDirective)?.end ?? body.start + 1, naming);
    else if (outer?.facts.node === null && isIn(this.#source.program.body)) this.namings += `${naming.trimStart()} `;
    else this.#edits.after(node.end, naming);
  }

  #expression(info: FunctionInfo, node: Function): void {
    const { name, outer } = info.facts;
    const form = this.#form(info);
    const keyword = this.#dropWords(node);
    const isNamed = node.id !== null;
    if (name.how === "computed" || (isNamed && outer?.facts.isStrict !== true)) {
      const strict = info.facts.isStrict && outer?.facts.isStrict !== true ? `"use strict"; ` : "";
      const [open, close] = form.around();
      const start = `(${form.parameters}) { ${strict}return ${open}function* `;
      return this.#surround(node.id?.end ?? keyword, start, node.end, `${close} }`);
    }
    const generator = this.#helpers.own("g");
    this.#edits.replace(keyword - "function".length, keyword, "");
    const strict = this.#directive(info, name.text);
    const rest = `(${form.parameters}) { ${strict}return ${form.run(generator, node.id?.name ?? constantOf(name))} }`;
    if (node.id !== null) {
      // Inside, its name is the function itself, whatever is assigned to the names around.
      const [key, access] = keyOf(node.id.name);
      this.#edits.replace(node.id.start, node.id.end, "");
      const self = `${node.id.name} = ({ ${key}${rest} })${access}; return ${node.id.name}; })()`;
      this.#surround(keyword, `(() => { const ${generator} = { *${key}`, node.end, ` }${access}, ${self}`);
    } else if (name.how === "given") {
      const [key, access] = keyOf(name.text);
      const lifted = `((${generator}) => ({ ${key}${rest} })${access})({ *${key}`;
      this.#surround(keyword, lifted, node.end, ` }${access})`);
    } else this.#surround(keyword, `((${generator}) => function ${rest})(function* `, node.end, ")");
  }

  #arrow(info: FunctionInfo, isLeftmost: boolean): void {
    const { node, name } = info.facts;
    if (node?.type !== "ArrowFunctionExpression") return;
    const edits = this.#edits;
    const form = this.#form(info);
    const open = node.typeParameters?.start ?? this.#source.next(node.start + "async".length);
    const last = node.params.at(-1);
    if (last !== undefined && !/[(<]/.test(this.#source.code[open] ?? "")) {
      edits.before(last.start, "(");
      edits.after(last.end, ")");
    }
    const arrow = this.#source.find("=>", node.returnType?.end ?? last?.end ?? node.typeParameters?.end ?? open);
    edits.replace(arrow, arrow + "=>".length, "");
    if (node.expression) {
      edits.before(node.body.start, "{ return ");
      edits.after(node.body.end, " }");
    }

    const generator = this.#helpers.own("g");
    const plain = `(${form.parameters}) => ${form.run(generator, constantOf(name))}`;
    let [before, after] = [`((${generator}) => ${plain})(function* `, ")"];
    if (name.how === "computed") {
      [before, after] = form.around();
      before = `(${form.parameters}) => ${before}function* `;
    } else if (name.how === "given") {
      const [key, access] = keyOf(name.text);
      before = `((${generator}) => ({ ${key}: ${plain} })${access})({ *${key}`;
      after = ` }${access})`;
    }
    const captures = [...info.captures].sort();
    if (captures.length > 0) {
      before = `((${captures.map((each) => this.captured(each)).join(", ")}) => ${before}`;
      after += `)(${captures.map((each) => this.#valueOf(each)).join(", ")})`;
    }
    // Behind a statement without a semicolon a parenthesis would call it.
    this.#dropAsync(node.start, (isLeftmost ? "0," : "") + before);
    edits.after(node.end, after);
  }

  #classMethod(info: FunctionInfo): void {
    const { node, method, className, name } = info.facts;
    if (node === null || method?.type !== "MethodDefinition") return;
    const isFirst = this.#dropMethodWords(info);
    // A field in front of it may have no semicolon.
    if (isFirst && method.computed) this.#edits.before(method.start, ";");
    const isSeen = info.isDecorated || node.params.some(hasDecorators);
    if (isSeen && node.params.every(({ type }) => type === "Identifier")) return this.#decorated(info);
    const takesSuper = info.captures.has("super");
    if (!info.isOfClass || (takesSuper && (!hasPlainParameters(info) || node.params.some(isThis))))
      return this.#inPlace(info);
    const form = this.#form(info, takesSuper ? [this.captured("super")] : []);
    const generator = this.#newName(`#${IDENTIFIER.test(name.text) ? name.text : ""}`);
    const body = `{ ${this.#captureSuper(info)}return ${form.run(`${className}.${generator}`)} }`;
    const keyEnd = this.#keyEnd(info);
    this.#edits.after(keyEnd, `(${form.parameters}) ${body} static *${generator}`);
    if (takesSuper) {
      const open = this.#source.find("(", node.typeParameters?.end ?? keyEnd);
      this.#edits.after(open + 1, this.captured("super") + (node.params.length > 0 ? ", " : ""));
    }
    if (this.#hasNames && name.text !== "")
      this.#edits.after(node.end, ` static {${this.#naming(`this.${generator}`, name.text)} }`);
  }

  /** A method whose parameters are what decorators see: they stay on it. */
  #decorated(info: FunctionInfo): void {
    const { node, name } = info.facts;
    if (node === null || node.body === null) return;
    const names = node.params.map((each) => (each.type === "Identifier" ? each.name : ""));
    const self = info.usesThis ? "this" : "void 0";
    const label = name.text === "" ? "" : `, ${JSON.stringify(name.text)}`;
    const generator = `function* (${names.filter((each) => each !== "this").join(", ")}) `;
    const [open, close] = node.generator
      ? [`${this.#helpers.use("agen")}(${generator}`, `.apply(${self}, arguments)${label})`]
      : [`${this.#helpers.use("call")}(${generator}`, `, ${self}, arguments${label})`];
    this.#edits.before(node.body.start, `{ ${this.#captureSuper(info)}return ${open}`);
    this.#edits.after(node.end, `${close} }`);
  }

  #objectMethod(info: FunctionInfo): void {
    const { node, method } = info.facts;
    if (node === null || method === null) return;
    this.#dropMethodWords(info);
    const { key, computed } = method;
    const text = this.#source.code.slice(key.start, key.end);
    if (computed || text.includes("__proto__") || info.captures.has("super")) return this.#inPlace(info);
    const form = this.#form(info);
    const access = key.type === "Identifier" ? `.${text}` : `[${text}]`;
    const generator = this.#helpers.own("g");
    const body = `{ ${this.#directive(info)}return ${form.run(generator)} }`;
    const lifted = `: ((${generator}) => ({ ${text}(${form.parameters}) ${body} })${access})({ *${text}`;
    this.#surround(key.end, lifted, node.end, ` }${access})`);
  }

  #inPlace(info: FunctionInfo): void {
    const { node, method, isStrict, outer } = info.facts;
    if (node === null) return;
    const form = this.#form(info);
    const isStricter = method?.type === "Property" && isStrict && outer?.facts.isStrict !== true;
    const strict = isStricter ? `"use strict"; ` : "";
    const [open, close] = form.around();
    const start = `(${form.parameters}) { ${strict}${this.#captureSuper(info)}return ${open}function* `;
    this.#surround(this.#keyEnd(info), start, node.end, `${close} }`);
  }

  #captureSuper(info: FunctionInfo): string {
    return info.captures.has("super") ? `const ${this.captured("super")} = ${this.#valueOf("super")}; ` : "";
  }

  /** The name under which something is taken along. */
  captured(capture: Capture): string {
    return this.#helpers.own({ super: "s", arguments: "a", "new.target": "t" }[capture]);
  }

  #valueOf(capture: Capture): string {
    const superOf = "((k) => super[k], (k, v) => { super[k] = v; })";
    return capture === "super" ? this.#helpers.use("superOf") + superOf : capture;
  }

  /** @param taken what the generator takes in front of the arguments, of a function with plain parameters */
  #form(info: FunctionInfo, taken: readonly string[] = []): Form {
    const {
      facts: { node, name },
      isArrow,
      usesThis,
    } = info;
    const params = (node?.params ?? []).filter((each) => !isThis(each));
    const isSimple = hasPlainParameters(info);
    const count = isSimple ? params.length : lengthOf(params);
    const names = Array.from({ length: count }, (_, index) => this.#helpers.own(index));
    const self = usesThis ? "this" : "void 0";
    const label = name.text === "" ? "" : `, ${JSON.stringify(name.text)}`;
    const helper = (asked: string): string => this.#helpers.use(node?.generator ? "agen" : asked);
    if (isSimple) {
      const args = [...taken, ...names];
      const made = usesThis ? `.call(${[self, ...args].join(", ")})` : `(${args.join(", ")})`;
      return {
        parameters: names.join(", "),
        run: (generator, inPlace) =>
          inPlace === undefined || node?.generator
            ? `${helper("run")}(${generator}${made}${label})`
            : `${helper("runAs")}(${generator}${made}${label === "" ? ', ""' : label}, ${inPlace})`,
        around: () => [`${helper("run")}(`, `${made}${label})`],
      };
    }
    const rest = this.#helpers.own("r");
    const args = isArrow ? `[${[...names, `...${rest}`].join(", ")}]` : "arguments";
    // What parameters throw rejects the promise; of an async generator it is thrown.
    const end = node?.generator ? `.apply(${self}, ${args})${label})` : `, ${self}, ${args}${label})`;
    return {
      parameters: (isArrow ? [...names, `...${rest}`] : names).join(", "),
      run: (generator) => `${helper("call")}(${generator}${end}`,
      around: () => [`${helper("call")}(`, end],
    };
  }

  /**
   * In sloppy code the plain function is made strict when the generator stands outside of it: it hands on `this` as it
   * was given, and has no `caller`.
   */
  #directive({ facts: { outer } }: FunctionInfo, name = ""): string {
    return outer?.facts.isStrict === true || SLOPPY_NAMES.test(name) ? "" : `"use strict"; `;
  }

  /** Takes `async` and the star from a function. Returns where the word `function` ends. */
  #dropWords(node: Function): number {
    const keyword = this.#source.find("function", node.start + "async".length) + "function".length;
    this.#dropAsync(node.start);
    if (node.generator) this.#dropStar(keyword);
    return keyword;
  }

  /** Takes `async` and the star from a method. Returns whether it began with them. */
  #dropMethodWords({ facts: { node, method } }: FunctionInfo): boolean {
    if (method === null) return false;
    const decorators = method.type === "MethodDefinition" ? method.decorators : [];
    const first = this.#source.next(decorators.at(-1)?.end ?? method.start);
    let at = first;
    while (!/^async\b/.test(this.#source.code.slice(at, at + "async".length + 1)))
      at = this.#source.next(at + (/^\w+/.exec(this.#source.code.slice(at))?.[0].length ?? 1));
    this.#dropAsync(at);
    if (node?.generator) this.#dropStar(at);
    return at === first;
  }

  #dropAsync(at: number, instead = ""): void {
    this.#edits.replace(at, this.#source.skipBlank(at + "async".length), instead);
  }

  #dropStar(from: number): void {
    const star = this.#source.find("*", from);
    this.#edits.replace(star, star + 1, this.#source.code[star + 1] === " " ? "" : " ");
  }

  /** Where the name of a method ends. */
  #keyEnd({ facts: { method } }: FunctionInfo): number {
    if (method === null) return 0;
    return method.computed ? this.#source.find("]", method.key.end) + 1 : method.key.end;
  }

  #surround(start: number, before: string, end: number, after: string): void {
    this.#edits.after(start, before);
    this.#edits.after(end, after);
  }

  #newName(name: string): string {
    return `${name}${this.#helpers.own(`_${++this.#serial}`)}`;
  }
}

const isThis = (each: ParamPattern): boolean => each.type === "Identifier" && each.name === "this";

/** Whether a function's arguments are known by the names of its parameters alone. */
function hasPlainParameters({ facts: { node }, usesArguments }: FunctionInfo): boolean {
  return !usesArguments && (node?.params ?? []).every(({ type }) => type === "Identifier");
}

/** The `length` of a function. */
function lengthOf(params: readonly ParamPattern[]): number {
  const end = params.findIndex(({ type }) => type === "AssignmentPattern" || type === "RestElement");
  return end < 0 ? params.length : end;
}

/** The name that a function is always found by, if there is one. */
const constantOf = ({ text, isConstant }: Name): string | undefined => (isConstant === true ? text : undefined);

/** A name as a key of an object, and how it is got from there. */
function keyOf(name: string): readonly [key: string, access: string] {
  return IDENTIFIER.test(name) ? [name, `.${name}`] : [JSON.stringify(name), `[${JSON.stringify(name)}]`];
}

/**
 * Whether a function has to be left as it is: decorators of its parameters have to stay with them, and parameters that
 * are more than names have to move.
 */
export function isLeft({ params }: Pick<Function, "params">): boolean {
  return params.some(hasDecorators) && !params.every(({ type }) => type === "Identifier");
}
