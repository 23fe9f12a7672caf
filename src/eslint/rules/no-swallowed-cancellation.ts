// A task is cancelled by a CancelledError that is thrown where it waits. A `catch` around that gets it with all other
// errors, since JavaScript has no `except ValueError`; a `finally` that jumps out loses it. The task then runs on,
// and a timeout around it never ends it.

import { canBeCancelled, swallows } from "../cancellation.ts";
import { Coroutines } from "../coroutines.ts";
import { importedAs } from "../imports.ts";
import { type Context, type Suggestion, rule } from "../rule.ts";
import { type Catch, type Jump, type Node, functionAround, isGenerator, isLoop, walkSteps } from "../syntax.ts";

export const noSwallowedCancellation = rule(
  "require a CancelledError to leave a `catch` or a `finally` of a coroutine",
  {
    caught:
      "This `catch` also gets the CancelledError of a task that is cancelled, and keeps it. Rethrow it, or all that is not expected: " +
      "`if (!(error instanceof TimeoutError)) throw error`.",
    lost: "This `{{jump}}` in `finally` loses the CancelledError of a task that is cancelled.",
    rethrow: "Rethrow it: `if ({{error}} instanceof {{CancelledError}}) throw {{error}};`.",
  },
  (context) => {
    const coroutines = new Coroutines(context.sourceCode);
    const waits = (block: Node | null): boolean => block !== null && canBeCancelled(block, coroutines);

    return {
      TryStatement(node) {
        const around = functionAround(node);
        if (around === null || !isGenerator(around)) return;
        const { block, handler, finalizer } = node;
        if (handler !== null && swallows(handler) && waits(block))
          context.report({ node: handler, messageId: "caught", suggest: suggestions(context, handler) });
        if (finalizer === null || !(waits(block) || waits(handler))) return;
        for (const jump of jumpsOutOf(finalizer))
          context.report({ node: jump, messageId: "lost", data: { jump: WORDS[jump.type] } });
      },
    };
  },
);

const WORDS: Readonly<Record<string, string>> = {
  ReturnStatement: "return",
  BreakStatement: "break",
  ContinueStatement: "continue",
};

/** The statements that leave a block for another place, without an error. */
function jumpsOutOf(block: Node): Node[] {
  return [...walkSteps(block)].filter((node) => {
    if (node.type === "ReturnStatement") return true;
    return (node.type === "BreakStatement" || node.type === "ContinueStatement") && !staysIn(block, node);
  });
}

/** Whether a jump leads to a place inside a block. */
function staysIn(block: Node, { type, label, parent }: Jump): boolean {
  for (let each = parent; each !== null && each !== block; each = each.parent) {
    const isTarget =
      label === null
        ? isLoop(each) || (type === "BreakStatement" && each.type === "SwitchStatement")
        : each.type === "LabeledStatement" && each.label.name === label.name;
    if (isTarget) return true;
  }
  return false;
}

function suggestions({ sourceCode }: Context, { param, body }: Catch): Suggestion[] {
  const CancelledError = importedAs(sourceCode, "CancelledError");
  if (param?.type !== "Identifier" || CancelledError === null || body.body.length === 0) return [];
  const data = { error: param.name, CancelledError: CancelledError.text };
  const text = `if (${param.name} instanceof ${CancelledError.text}) throw ${param.name};`;
  return [
    {
      messageId: "rethrow",
      data,
      fix: (fixer) => [...CancelledError.fixes(fixer), fixer.insertTextBefore(body.body[0], `${text}\n`)],
    },
  ];
}
