// What a `catch` does with a CancelledError: a walk along its statements, as one goes through it that is caught there.
//
// Conditions about the error are followed where they say what holds for a CancelledError (`instanceof`, `code ===
// "ENOENT"`); of others (`isRetryable(error)`) it is believed that they tell a cancellation apart. Those that name it
// show that it was thought of.

import type { Coroutines } from "./coroutines.ts";
import {
  type Block,
  type Catch,
  type If,
  type Node,
  calls,
  isFunction,
  isLoop,
  nameOf,
  unwrap,
  walk,
  walkSteps,
} from "./syntax.ts";

/** How a cancellation leaves a statement. */
type Outcome =
  | "thrown" // goes on as an error
  | "decided" // somebody has looked at the error, and it goes on where it should
  | "taken" // somebody has seen that it is a cancellation, and keeps it
  | "left" // lost by return, break or continue
  | "next"; // not thrown: the next statement has its turn

/** Whether a CancelledError ends in a `catch` that does not name cancellations at all. */
export function swallows(handler: Catch): boolean {
  const outcome = outcomeOf(handler);
  return (outcome === "left" || outcome === "next") && !names(handler);
}

/**
 * Whether a cancellation can come out of a block: it waits somewhere, and not only inside a `try` that keeps
 * cancellations.
 */
export function canBeCancelled(block: Node, coroutines: Coroutines): boolean {
  const keeping = new Set<Node>();
  for (const node of walk(block, (inner) => !keeping.has(inner) && !isFunction(inner))) {
    if (node.type === "YieldExpression" && node.delegate && node.argument && coroutines.mayWait(node.argument))
      return true;
    if (node.type === "TryStatement" && node.handler && !passesOn(node.handler)) keeping.add(node.block);
  }
  return false;
}

function passesOn(handler: Catch): boolean {
  const outcome = outcomeOf(handler);
  return outcome === "thrown" || outcome === "decided";
}

const outcomeOf = (handler: Catch): Outcome => new Way(handler).through(handler.body.body);

/** Cancellation by its usual names: CancelledError, cancelled, isCancelled(error), cancelling()... */
const CANCELLATION = /cancel(l?ed|l?ing|lation)/i;
/** Functions that throw the error, or see to it, when they are given it. */
const CARES = /throw|raise|cancel/i;

/** Whether something names cancellation, in the code or as an error's name. */
function names(node: Node): boolean {
  return [...walkSteps(node)].some(
    (each) =>
      (each.type === "Identifier" && CANCELLATION.test(each.name)) ||
      (each.type === "Literal" && each.value === "CancelledError"),
  );
}

/** The way of a CancelledError through one handler. */
class Way {
  /** What the error, or a part of it, is called there. */
  readonly #error: ReadonlySet<string>;
  readonly #finalizer: Block | null;

  constructor({ param, parent }: Catch) {
    this.#finalizer = parent?.type === "TryStatement" ? parent.finalizer : null;
    const names =
      param === null ? [] : [...walk(param)].flatMap((node) => (node.type === "Identifier" ? [node.name] : []));
    this.#error = new Set(names);
  }

  /** What becomes of it in statements that follow each other. */
  through(statements: readonly Node[]): Outcome {
    for (const statement of statements) {
      const outcome = this.#in(statement);
      if (outcome !== "next") return outcome;
    }
    return "next";
  }

  #in(statement: Node): Outcome {
    switch (statement.type) {
      case "ThrowStatement":
        return "thrown";
      case "ReturnStatement":
        return statement.argument !== null && this.#isCaredFor(statement.argument) ? "decided" : "left";
      case "BreakStatement":
      case "ContinueStatement":
        return "left";
      case "ExpressionStatement":
        return this.#isCaredFor(statement.expression) ? "decided" : "next";
      case "BlockStatement":
        return this.through(statement.body);
      case "LabeledStatement":
        return this.#in(statement.body);
      case "IfStatement":
        return this.#inIf(statement);
      case "SwitchStatement": {
        const branches = statement.cases.map(({ consequent }) => this.through(consequent));
        const isAbout = [statement.discriminant, ...statement.cases.map(({ test }) => test)].some(
          (test) => test !== null && this.#mentions(test),
        );
        const hasDefault = statement.cases.some(({ test }) => test === null);
        if (isAbout) return branches.includes("thrown") ? "decided" : "next";
        return hasDefault && branches.every((branch) => branch === "thrown") ? "thrown" : "next";
      }
      case "TryStatement":
        return this.#inTry(statement.block, statement.handler, statement.finalizer);
      default:
        if (!isLoop(statement)) return "next";
        return [...walkSteps(statement)].some(({ type }) => type === "ReturnStatement") ? "left" : "next";
    }
  }

  #inIf({ test, consequent, alternate }: If): Outcome {
    const yes = this.#in(consequent);
    const no = alternate === null ? "next" : this.#in(alternate);
    const answer = this.#answer(test);
    if (names(test)) return this.#afterNaming(answer, yes, no);
    if (answer !== null) return answer ? yes : no;
    const both = [yes, no];
    if (this.#mentions(test))
      return both.some((branch) => branch === "thrown" || branch === "decided") ? "decided" : "next";
    // A condition about something else: a cancellation may go either way.
    return (["left", "next", "taken", "decided", "thrown"] as const).find((each) => both.includes(each)) as Outcome;
  }

  /** Behind a condition that names cancellation, nothing is an oversight any more. */
  #afterNaming(answer: boolean | null, yes: Outcome, no: Outcome): Outcome {
    const possible = answer === null ? [yes, no] : [answer ? yes : no];
    return possible.some((branch) => branch === "thrown" || branch === "decided") ? "decided" : "taken";
  }

  #inTry(block: Block, handler: Catch | null, finalizer: Block | null): Outcome {
    const last = finalizer === null ? "next" : this.through(finalizer.body);
    if (last !== "next") return last;
    const tried = this.through(block.body);
    return tried === "thrown" && handler !== null ? this.through(handler.body.body) : tried;
  }

  /** Whether the error is given to something that sees to it: `rethrow(error)`. */
  #isCaredFor(expression: Node): boolean {
    const call = unwrap(expression);
    if (call.type === "YieldExpression" && call.argument !== null) return this.#isCaredFor(call.argument);
    if (call.type !== "CallExpression" || !call.arguments.some((each) => this.#mentions(each))) return false;
    const callee = unwrap(call.callee);
    if (callee.type === "Identifier") return CARES.test(callee.name);
    if (callee.type !== "MemberExpression") return false;
    const name = nameOf(callee.property, callee.computed) ?? "";
    // What a block in place is told by `fail` its `exit` throws.
    const owner = unwrap(callee.object);
    return (
      CARES.test(name) || (name === "fail" && owner.type === "Identifier" && calls(this.#finalizer, owner, "exit"))
    );
  }

  #mentions(node: Node): boolean {
    return [...walk(node)].some((each) => each.type === "Identifier" && this.#error.has(each.name));
  }

  /** What a condition about the error is for a CancelledError, or null where that cannot be said. */
  #answer(condition: Node): boolean | null {
    const test = unwrap(condition);
    if (test.type === "Identifier") return this.#error.has(test.name) ? true : null;
    if (test.type === "UnaryExpression" && test.operator === "!") {
      const answer = this.#answer(test.argument);
      return answer === null ? null : !answer;
    }
    if (test.type === "LogicalExpression")
      return this.#joined(test.operator, this.#answer(test.left), this.#answer(test.right));
    if (test.type !== "BinaryExpression" || !this.#mentions(test.left)) return null;
    if (test.operator === "instanceof") return names(test.right) || isNamed(test.right, "Error");
    const isEqual = this.#isEqual(test.left, test.right);
    if (isEqual === null || !/^[!=]==?$/.test(test.operator)) return null;
    return test.operator.startsWith("!") ? !isEqual : isEqual;
  }

  #joined(operator: string, left: boolean | null, right: boolean | null): boolean | null {
    const deciding = operator === "||";
    if (left === deciding || right === deciding) return deciding;
    return left === right ? left : null;
  }

  /** Whether a CancelledError has this value there: no other error's name, and no code. */
  #isEqual(left: Node, right: Node): boolean | null {
    const member = unwrap(left);
    if (right.type !== "Literal" || member.type !== "MemberExpression") return null;
    const isOwn = unwrap(member.object).type === "Identifier" && this.#mentions(member.object);
    return isOwn ? nameOf(member.property, member.computed) === "name" && right.value === "CancelledError" : null;
  }
}

const isNamed = (node: Node, name: string): boolean => node.type === "Identifier" && node.name === name;
