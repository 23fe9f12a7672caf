// What ESLint asks of a rule and gives to it, as far as ours go: the types of a plugin's seams. ESLint calls all of
// it a rule "module".

import type { Identifier, Import, Node } from "./syntax.ts";
import type { TypeServices } from "./types.ts";

/** A rule, as ESLint and oxlint take it. */
export interface Rule {
  readonly meta: RuleMeta;
  /** Called by ESLint for each file. Returns what to do at each node. */
  create(context: unknown): Record<string, (node: unknown) => void>;
}

export interface RuleMeta {
  readonly type: "problem";
  readonly docs: { readonly description: string; readonly recommended: boolean };
  readonly messages: Record<string, string>;
  readonly schema: [];
  readonly hasSuggestions: boolean;
}

/** The file that a rule looks at, and where its complaints go. */
export interface Context {
  readonly sourceCode: SourceCode;
  report(complaint: Complaint): void;
}

export interface SourceCode {
  readonly ast: { readonly body: readonly Node[] };
  /** What the parser brought along: that of typescript-eslint, the types of the program. */
  readonly parserServices?: Partial<TypeServices>;
  getScope(node: Node): Scope;
  getText(node: Node): string;
}

export interface Scope {
  readonly upper: Scope | null;
  readonly set: { get(name: string): Variable | undefined };
}

export interface Variable {
  readonly defs: readonly Definition[];
  readonly references: readonly { isWrite(): boolean; readonly init?: boolean | null }[];
}

export interface Definition {
  readonly type: string;
  readonly name: Identifier;
  readonly node: Node;
  /** For an import, its declaration. */
  readonly parent?: Node | Import | null;
}

export interface Complaint {
  readonly node: Node;
  readonly messageId: string;
  readonly data?: Record<string, string>;
  readonly suggest?: readonly Suggestion[];
}

/** A change that a person may choose in an editor. */
export interface Suggestion {
  readonly messageId: string;
  readonly data?: Record<string, string>;
  fix(fixer: Fixer): Fix[];
}

export interface Fix {
  readonly text: string;
}

export interface Fixer {
  insertTextBefore(node: Node, text: string): Fix;
  insertTextAfter(node: Node, text: string): Fix;
  insertTextAfterRange(range: readonly [number, number], text: string): Fix;
}

/** What a rule does at each kind of node. */
export type Listener = { readonly [T in Node["type"]]?: (node: Extract<Node, { type: T }>) => void };

/** Makes a rule. */
export function rule(
  description: string,
  messages: Record<string, string>,
  create: (context: Context) => Listener,
): Rule {
  return {
    meta: {
      type: "problem",
      docs: { description, recommended: true },
      messages,
      schema: [],
      hasSuggestions: true,
    },
    create: create as unknown as Rule["create"],
  };
}
