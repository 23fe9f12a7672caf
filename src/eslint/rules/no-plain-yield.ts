// `yield` without its star: the task refuses what it is given when it comes there. Types say so where a coroutine is
// declared as one; without a declaration `function*` may yield anything.
//
// A generator may well yield coroutines, to whoever starts them: only those are looked at that certainly are
// coroutines themselves.

import { Coroutines } from "../coroutines.ts";
import { importedAs } from "../imports.ts";
import { type Context, type Fixer, type Suggestion, rule } from "../rule.ts";
import { type Node, type Yield, functionAround, unwrap } from "../syntax.ts";
import type { TypeQuestions } from "../types.ts";

export const noPlainYield = rule(
  "require `yield*` where a coroutine waits",
  {
    plain: "A coroutine waits by `yield*`: its task refuses what a plain `yield` gives it.",
    promise:
      "A coroutine waits by `yield*`, and for a promise by `yield* wrapFuture(promise)`: its task refuses a plain `yield`.",
    addStar: "Wait for it: `yield*`.",
    addWrap: "Wait for the promise: `yield* {{wrapFuture}}(...)`.",
  },
  (context) => {
    const coroutines = new Coroutines(context.sourceCode);

    return {
      YieldExpression(node) {
        const { argument, delegate } = node;
        if (delegate || argument === null) return;
        const kind = awaitedKind(argument, coroutines.types);
        const around = functionAround(node);
        if (kind === null || around === null || !coroutines.isCertain(around)) return;
        context.report({ node, messageId: kind, suggest: suggestions(context, node, argument, kind) });
      },
    };
  },
);

/** What a coroutine would wait for, or null: by its type, and else whether it is made on the spot. */
function awaitedKind(argument: Node, types: TypeQuestions | null): "plain" | "promise" | null {
  const value = unwrap(argument);
  if (value.type === "NewExpression" && value.callee.type === "Identifier" && value.callee.name === "Promise")
    return "promise";
  if (types === null || types.isUnknown(value)) return value.type === "CallExpression" ? "plain" : null;
  if (types.isCoroutine(value) || types.isFuture(value)) return "plain";
  return types.isPromise(value) ? "promise" : null;
}

function suggestions({ sourceCode }: Context, node: Yield, argument: Node, kind: "plain" | "promise"): Suggestion[] {
  const addStar = (fixer: Fixer) => fixer.insertTextAfterRange([node.range[0], node.range[0] + "yield".length], "*");
  if (kind === "plain") return [{ messageId: "addStar", fix: (fixer) => [addStar(fixer)] }];
  const wrapFuture = importedAs(sourceCode, "wrapFuture");
  if (wrapFuture === null) return [];
  return [
    {
      messageId: "addWrap",
      data: { wrapFuture: wrapFuture.text },
      fix: (fixer) => [
        ...wrapFuture.fixes(fixer),
        addStar(fixer),
        fixer.insertTextBefore(argument, `${wrapFuture.text}(`),
        fixer.insertTextAfter(argument, ")"),
      ],
    },
  ];
}
