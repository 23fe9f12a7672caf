// Programs as ESLint gives them to rules: the kinds of nodes that ours look into, with what they look at. There are
// many more at run time, which go by as what they are not. The types are our own, so that the package needs none of
// ESLint's.

interface Place {
  readonly parent: Node | null;
  readonly range: readonly [start: number, end: number];
}

/** A kind of nodes. */
type Kind<T extends string, Fields = unknown> = Place & { readonly type: T } & Fields;

export type Identifier = Kind<"Identifier" | "PrivateIdentifier", { readonly name: string }>;

export type Call = Kind<
  "CallExpression",
  { readonly callee: Node; readonly arguments: readonly Node[]; readonly optional: boolean }
>;

interface FunctionFields {
  readonly params: readonly Node[];
  readonly body: Node;
  readonly generator: boolean;
  readonly async: boolean;
}
export type FunctionNode =
  | Kind<"FunctionDeclaration", FunctionFields>
  | Kind<"FunctionExpression", FunctionFields>
  | Kind<"ArrowFunctionExpression", FunctionFields>;

interface ClassFields {
  readonly superClass: Node | null;
  readonly body: { readonly body: readonly Node[] };
}
export type ClassNode = Kind<"ClassDeclaration", ClassFields> | Kind<"ClassExpression", ClassFields>;

export type ObjectNode = Kind<"ObjectExpression", { readonly properties: readonly Node[] }>;

/** What has a name and a value: in an object, or in a class. */
interface MemberFields {
  readonly key: Node;
  readonly computed: boolean;
  readonly value: Node | null;
}
export type Property = Kind<"Property", MemberFields & { readonly kind: string }>;
export type ClassMember =
  | Kind<"MethodDefinition", MemberFields & { readonly kind: string; readonly static: boolean }>
  | Kind<"PropertyDefinition", MemberFields & { readonly static: boolean }>;

export type Try = Kind<
  "TryStatement",
  { readonly block: Block; readonly handler: Catch | null; readonly finalizer: Block | null }
>;
export type Catch = Kind<"CatchClause", { readonly param: Node | null; readonly body: Block }>;
export type Block = Kind<"BlockStatement", { readonly body: readonly Node[] }>;
export type Jump = Kind<"BreakStatement" | "ContinueStatement", { readonly label: Identifier | null }>;
export type If = Kind<
  "IfStatement",
  { readonly test: Node; readonly consequent: Node; readonly alternate: Node | null }
>;
export type Switch = Kind<
  "SwitchStatement",
  { readonly discriminant: Node; readonly cases: readonly { test: Node | null; consequent: readonly Node[] }[] }
>;
export type Yield = Kind<"YieldExpression", { readonly argument: Node | null; readonly delegate: boolean }>;

export type Import = Kind<
  "ImportDeclaration",
  {
    readonly source: { readonly value: string };
    readonly specifiers: readonly ImportedName[];
    readonly importKind?: "type" | "value";
  }
>;
export type ImportedName =
  | Kind<
      "ImportSpecifier",
      { readonly imported: Node; readonly local: Identifier; readonly importKind?: "type" | "value" }
    >
  | Kind<"ImportNamespaceSpecifier" | "ImportDefaultSpecifier", { readonly local: Identifier }>;

/** What stands around an expression and leaves its value as it is. */
type Wrapper = Kind<
  "ChainExpression" | "TSNonNullExpression" | "TSAsExpression" | "TSSatisfiesExpression" | "TSTypeAssertion",
  { readonly expression: Node }
>;

export type Node =
  | Identifier
  | Call
  | FunctionNode
  | ClassNode
  | ObjectNode
  | Property
  | ClassMember
  | Try
  | Catch
  | Block
  | Jump
  | If
  | Switch
  | Yield
  | Import
  | ImportedName
  | Wrapper
  | Kind<"Program", { readonly body: readonly Node[] }>
  | Kind<"Literal", { readonly value: unknown }>
  | Kind<"ThisExpression" | "ThrowStatement" | "EmptyStatement">
  | Kind<"ReturnStatement" | "AwaitExpression", { readonly argument: Node | null }>
  | Kind<"ExpressionStatement", { readonly expression: Node }>
  | Kind<"NewExpression", { readonly callee: Node; readonly arguments: readonly Node[] }>
  | Kind<"MemberExpression", { readonly object: Node; readonly property: Node; readonly computed: boolean }>
  | Kind<
      "LogicalExpression" | "BinaryExpression",
      { readonly operator: string; readonly left: Node; readonly right: Node }
    >
  | Kind<"UnaryExpression", { readonly operator: string; readonly argument: Node }>
  | Kind<"AssignmentExpression", { readonly operator: string; readonly left: Node; readonly right: Node }>
  | Kind<"ConditionalExpression", { readonly test: Node; readonly consequent: Node; readonly alternate: Node }>
  | Kind<"SequenceExpression", { readonly expressions: readonly Node[] }>
  | Kind<
      "ForStatement",
      { readonly init: Node | null; readonly test: Node | null; readonly update: Node | null; readonly body: Node }
    >
  | Kind<"WhileStatement" | "DoWhileStatement", { readonly test: Node; readonly body: Node }>
  | Kind<"ForInStatement" | "ForOfStatement", { readonly body: Node }>
  | Kind<"LabeledStatement", { readonly label: Identifier; readonly body: Node }>
  | Kind<"VariableDeclarator", { readonly id: Node; readonly init: Node | null }>
  | Kind<"ObjectPattern", { readonly properties: readonly Node[] }>;

export function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}

export function isClass(node: Node): node is ClassNode {
  return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

/** Whether a function is one that `yield*` waits in. */
export function isGenerator(node: Node): node is FunctionNode {
  return isFunction(node) && node.generator && !node.async;
}

export function isLoop(node: Node): boolean {
  return /^(For|While|DoWhile|ForIn|ForOf)Statement$/.test(node.type);
}

const WRAPPERS: ReadonlySet<string> = new Set<Wrapper["type"]>([
  "ChainExpression",
  "TSNonNullExpression",
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
]);

export function isWrapper(node: Node): node is Wrapper {
  return WRAPPERS.has(node.type);
}

/** The expression inside of what leaves its value as it is. */
export function unwrap(node: Node): Node {
  return isWrapper(node) ? unwrap(node.expression) : node;
}

/** The function whose body, or parameters, a node stands in. */
export function functionAround(node: Node): FunctionNode | null {
  for (let each = node.parent; each !== null; each = each.parent) {
    if (isFunction(each)) return each;
    if (each.type === "PropertyDefinition" || (each.type as string) === "StaticBlock") return null;
  }
  return null;
}

/** The name that a key or an accessed property says, or null where it is computed. A private one has its #. */
export function nameOf(key: Node, computed: boolean): string | null {
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  if (key.type === "Identifier") return computed ? null : key.name;
  return key.type === "Literal" ? String(key.value) : null;
}

/** Whether a method of what has this name is called somewhere in a node, when that runs. */
export function calls(node: Node | null, { name }: { readonly name: string }, method: string): boolean {
  return (
    node !== null &&
    [...walkSteps(node)].some((each) => {
      const callee = each.type === "CallExpression" ? unwrap(each.callee) : null;
      if (callee?.type !== "MemberExpression" || nameOf(callee.property, callee.computed) !== method) return false;
      const owner = unwrap(callee.object);
      return owner.type === "Identifier" && owner.name === name;
    })
  );
}

/** What a node consists of, in the order of the text. */
function partsOf(node: Node): Node[] {
  const parts = Object.entries(node).flatMap(([name, value]) => (name === "parent" ? [] : [value].flat()));
  return parts.filter((part) => typeof (part as Partial<Node> | null)?.type === "string" && "range" in part) as Node[];
}

/** A node and all that it consists of, as far as `enters` lets it go in. */
export function* walk(node: Node, enters: (node: Node) => boolean = () => true): Generator<Node, void> {
  yield node;
  if (enters(node)) for (const part of partsOf(node)) yield* walk(part, enters);
}

/** A node and all in it that runs when it does: functions inside do not. */
export function walkSteps(node: Node): Generator<Node, void> {
  return walk(node, (inner) => !isFunction(inner));
}
