// What the rules ask about a program: by what the file itself says, and by its types, where there are types.

import { Knowledge } from "./known.ts";
import type { SourceCode } from "./rule.ts";
import { type FunctionNode, type Node, isGenerator, unwrap, walkSteps } from "./syntax.ts";
import { type TypeQuestions, typesOf } from "./types.ts";

export class Coroutines {
  readonly types: TypeQuestions | null;
  readonly #knowledge: Knowledge;
  readonly #pending = new Set<FunctionNode>();

  constructor(source: SourceCode) {
    this.types = typesOf(source.parserServices);
    this.#knowledge = new Knowledge(source);
  }

  /** Whether an expression is a call that gives a coroutine: always, or now and then. */
  isCall(expression: Node, always = false): boolean {
    const call = unwrap(expression);
    if (call.type !== "CallExpression") return false;
    if (this.#knowledge.givesCoroutine(call)) return true;
    return this.types?.isCoroutine(call, always) === true && !givesBack(call.callee);
  }

  /** Whether an expression is a `function*`, by itself or by its name. */
  isFunction(expression: Node): boolean {
    const known = this.#knowledge.of(expression);
    return known?.is === "function" && isGenerator(known.node);
  }

  /**
   * Whether a `yield*` may wait, and be cancelled there: any may of which types do not say that it goes through
   * something else.
   */
  mayWait(argument: Node): boolean {
    if (this.types === null || this.types.isUnknown(argument)) return true;
    return this.types.isCoroutine(argument) || this.types.isFuture(argument);
  }

  /**
   * Whether a `function*` is certainly a coroutine, and no generator of values: it waits for something of the
   * library's, or for another such coroutine, or is given to the library.
   */
  isCertain(node: FunctionNode): boolean {
    if (!isGenerator(node) || this.#pending.has(node)) return false;
    this.#pending.add(node);
    try {
      return this.#isGivenToLibrary(node) || [...walkSteps(node.body)].some((inner) => this.#waits(inner));
    } finally {
      this.#pending.delete(node);
    }
  }

  #isGivenToLibrary(node: FunctionNode): boolean {
    const call = node.parent;
    if (call?.type !== "CallExpression" || !call.arguments.includes(node)) return false;
    return this.#knowledge.of(call.callee)?.is === "library";
  }

  #waits(node: Node): boolean {
    if (node.type !== "YieldExpression" || !node.delegate || node.argument === null) return false;
    const awaited = unwrap(node.argument);
    if (this.types?.isCoroutine(awaited) || this.types?.isFuture(awaited)) return true;
    if (awaited.type !== "CallExpression") return false;
    const known = this.#knowledge.of(awaited.callee);
    return known?.is === "library" || (known?.is === "function" && this.isCertain(known.node));
  }
}

/** Whether a function gives back what it is given, as Object.assign does. */
function givesBack(callee: Node): boolean {
  return callee.type === "MemberExpression" && callee.object.type === "Identifier" && callee.object.name === "Object";
}
