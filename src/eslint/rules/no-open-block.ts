// A block in place is a `try`. Without `exit` in its `finally` a deadline passes behind the block, out of the blue.
// Without `fail` in its `catch` a deadline throws CancelledError, and a group waits for tasks that it would have
// cancelled. Nothing else tells of a `catch` that is not there, nor of a group's `fail` that is thrown as a deadline's:
// TypeScript lets undefined be thrown.

import { Knowledge } from "../known.ts";
import { rule } from "../rule.ts";
import { type Call, type Identifier, calls, functionAround, unwrap, walkSteps } from "../syntax.ts";

export const noOpenBlock = rule(
  "require `fail` and `exit` of a block that is entered in place",
  {
    exit: "Nothing makes sure that this block is left: call `exit` of it in the `finally` of a `try`.",
    fail: "This block is not told what it throws: call `fail` of it in the `catch` of its `try`.",
    throw:
      "`fail` of a group, or of `moveOnAfter`, returns nothing to throw: call it alone, `exit` throws what there is.",
  },
  (context) => {
    const knowledge = new Knowledge(context.sourceCode);

    return {
      CallExpression(node) {
        const known = knowledge.of(node.callee);
        if (known?.is !== "library" || !/^(MoveOn|TaskGroup|Timeout)\.enter$/.test(known.name)) return;
        const around = functionAround(node);
        const scope = scopeOf(node);
        if (around === null || scope === null) return;
        const tries = [...walkSteps(around.body)].flatMap((each) =>
          each.type === "TryStatement" && calls(each.finalizer, scope, "exit") ? [each] : [],
        );
        if (tries.length === 0) context.report({ node, messageId: "exit" });
        else if (!tries.some(({ handler }) => calls(handler, scope, "fail")))
          context.report({ node, messageId: "fail" });
        if (known.name === "Timeout.enter") return;
        for (const { handler } of tries)
          for (const each of handler === null ? [] : walkSteps(handler.body))
            if (each.type === "ThrowStatement" && calls(each, scope, "fail"))
              context.report({ node: each, messageId: "throw" });
      },
    };
  },
);

const NAMELESS = { name: "" };

/** What is entered, by its name, if it has one; null for what is kept or given elsewhere. */
function scopeOf(call: Call): Pick<Identifier, "name"> | null {
  const { callee, parent } = call;
  if (parent?.type === "VariableDeclarator") return parent.id.type === "Identifier" ? parent.id : null;
  if (parent?.type === "AssignmentExpression") return parent.left.type === "Identifier" ? parent.left : null;
  if (parent?.type !== "ExpressionStatement" || callee.type !== "MemberExpression") return null;
  const owner = unwrap(callee.object);
  if (owner.type === "Identifier") return owner;
  return owner.type === "CallExpression" || owner.type === "NewExpression" ? NAMELESS : null;
}
