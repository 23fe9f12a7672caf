// A coroutine that nobody awaits never runs: a call of a `function*` makes it, and does nothing yet. Neither tsc nor
// the loop can tell.

import { Coroutines } from "../coroutines.ts";
import { importedAs } from "../imports.ts";
import { type Context, type Fix, type Fixer, type SourceCode, type Suggestion, rule } from "../rule.ts";
import { type Call, type Node, functionAround, isGenerator, isWrapper, nameOf, unwrap } from "../syntax.ts";

export const noFloatingCoroutine = rule(
  "require coroutines to be awaited, returned, kept or made a task",
  {
    dropped: "This coroutine never runs: write `yield* {{call}}`, or `createTask({{call}})`.",
    tested: "A coroutine is always true, and never runs: write `yield* {{call}}`.",
    await:
      "`await` gives a coroutine back and does not run it: write `run({{call}})`, or `createTask({{call}})` on a running loop.",
    callback: "`forEach` drops what its callback returns: the coroutine never runs. Write a loop with `yield*`.",
    addStar: "Wait for it: `yield* {{call}}`.",
    addTask: "Start it as a task: `{{createTask}}({{call}})`.",
  },
  (context) => {
    const coroutines = new Coroutines(context.sourceCode);

    return {
      CallExpression(call) {
        const whole = wrapped(call);
        const messageId = mistakeAt(whole);
        if (messageId !== null && coroutines.isCall(call, messageId === "tested")) {
          const suggest = messageId === "dropped" ? suggestions(context, whole, call) : [];
          context.report({ node: call, messageId, data: { call: shortText(context.sourceCode, call) }, suggest });
        }
        if (isDroppingLoop(call) && coroutines.isFunction(call.arguments[0]))
          context.report({ node: call.arguments[0], messageId: "callback" });
      },
    };
  },
);

/** An expression with what stands around it and leaves its value as it is. */
function wrapped(node: Node): Node {
  return node.parent !== null && isWrapper(node.parent) ? wrapped(node.parent) : node;
}

/** What is wrong where a coroutine stands here, or null. */
function mistakeAt(node: Node): "dropped" | "tested" | "await" | null {
  if (node.parent?.type === "AwaitExpression") return "await";
  if (isTested(node)) return "tested";
  return isDropped(node) ? "dropped" : null;
}

/** Whether nothing takes the value of an expression. */
function isDropped(node: Node): boolean {
  const { parent } = node;
  switch (parent?.type) {
    case "ExpressionStatement":
      return true;
    case "LogicalExpression":
      return parent.right === node && isDropped(parent);
    case "ConditionalExpression":
      return parent.test !== node && isDropped(parent);
    case "SequenceExpression":
      return parent.expressions.at(-1) !== node || isDropped(parent);
    case "ForStatement":
      return parent.init === node || parent.update === node;
    case "ArrowFunctionExpression":
      return parent.body === node && parent.parent?.type === "CallExpression" && isDroppingLoop(parent.parent, parent);
    default:
      return parent !== null && isWrapper(parent) && isDropped(parent);
  }
}

/** Whether an expression is only asked whether it is true. */
function isTested(node: Node): boolean {
  const { parent } = node;
  switch (parent?.type) {
    case "IfStatement":
    case "WhileStatement":
    case "DoWhileStatement":
    case "ForStatement":
    case "ConditionalExpression":
      return parent.test === node;
    case "LogicalExpression":
      return parent.left === node && parent.operator !== "??";
    case "UnaryExpression":
      return parent.operator === "!";
    default:
      return false;
  }
}

/**
 * Whether a call is a statement `items.forEach(callback)`. One whose value is taken may be a loop that coroutines
 * have.
 */
function isDroppingLoop(call: Call, callback = call.arguments[0]): boolean {
  const callee = unwrap(call.callee);
  if (callee.type !== "MemberExpression" || nameOf(callee.property, callee.computed) !== "forEach") return false;
  return callback !== undefined && callback === call.arguments[0] && isDropped(call);
}

/** Changes that make a dropped call run. A call behind `?.` has none: there may be nothing to wait for. */
function suggestions({ sourceCode }: Context, whole: Node, call: Call): Suggestion[] {
  if (whole.type === "ChainExpression") return [];
  const data = { call: shortText(sourceCode, call) };
  const suggest: Suggestion[] = [];
  const around = functionAround(whole);
  if (around !== null && isGenerator(around) && around.params.every((param) => !contains(param, whole))) {
    const [before, after] = whole.parent?.type === "LogicalExpression" ? ["(yield* ", ")"] : ["yield* ", ""];
    suggest.push({ messageId: "addStar", data, fix: (fixer) => surround(fixer, whole, before, after) });
  }
  const createTask = importedAs(sourceCode, "createTask");
  if (createTask !== null) {
    suggest.push({
      messageId: "addTask",
      data: { ...data, createTask: createTask.text },
      fix: (fixer) => [...createTask.fixes(fixer), ...surround(fixer, whole, `${createTask.text}(`, ")")],
    });
  }
  return suggest;
}

const surround = (fixer: Fixer, node: Node, before: string, after: string): Fix[] => [
  fixer.insertTextBefore(node, before),
  fixer.insertTextAfter(node, after),
];

const contains = (node: Node, inner: Node): boolean =>
  node.range[0] <= inner.range[0] && inner.range[1] <= node.range[1];

/** A call as messages show it: its arguments only where they are short. */
function shortText(source: SourceCode, call: Call): string {
  const text = source.getText(call);
  return text.length <= 40 && !text.includes("\n")
    ? text
    : `${source.getText(call.callee).replaceAll(/\s+/g, "")}(...)`;
}
