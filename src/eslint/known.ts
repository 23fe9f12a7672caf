// What an expression stands for, as far as the file itself says so: without types, by declarations, imports and
// `new`. What is not plain is unknown, and rules are silent about it.

import { COROUTINES, FACTORIES } from "./library.ts";
import type { Definition, SourceCode, Variable } from "./rule.ts";
import {
  type ClassMember,
  type ClassNode,
  type FunctionNode,
  type Node,
  type ObjectNode,
  type Property,
  isClass,
  isFunction,
  nameOf,
  unwrap,
} from "./syntax.ts";

/** What is known of a value. */
export type Known =
  | { readonly is: "function"; readonly node: FunctionNode }
  | { readonly is: "object"; readonly node: ObjectNode }
  /** A class, or an object of it. */
  | { readonly is: "class" | "instance"; readonly node: ClassNode }
  /** All of a door. */
  | { readonly is: "door"; readonly door: string }
  /**
   * Something that a door exports, or an object of such a class: "sleep", "Queue". A method has its class:
   * "Queue.get".
   */
  | { readonly is: "library" | "library instance"; readonly door: string; readonly name: string };

/** Whether a module is one of the library's, whose names say what they give. */
const isDoor = (module: unknown): module is string => typeof module === "string" && Object.hasOwn(COROUTINES, module);

/** Answers what values stand for, in one file. */
export class Knowledge {
  readonly #source: SourceCode;
  /** What is being looked up: a definition may lead to itself. */
  readonly #pending = new Set<Node>();

  constructor(source: SourceCode) {
    this.#source = source;
  }

  /** What an expression stands for, or null. */
  of(expression: Node): Known | null {
    const node = unwrap(expression);
    return this.#once(node, () => this.#look(node));
  }

  /** The variable that a name stands for. */
  variable(name: Node & { readonly name: string }): Variable | null {
    for (
      let scope = this.#source.getScope(name) as ReturnType<SourceCode["getScope"]> | null;
      scope;
      scope = scope.upper
    ) {
      const variable = scope.set.get(name.name);
      if (variable) return variable;
    }
    return null;
  }

  /** Whether a call gives a coroutine. */
  givesCoroutine(expression: Node): boolean {
    const call = unwrap(expression);
    if (call.type !== "CallExpression") return false;
    return this.#once(call, () => this.isCoroutineFunction(this.of(call.callee))) ?? false;
  }

  /** Whether calls of it give coroutines: it is a `function*`, or an arrow that calls one. */
  isCoroutineFunction(known: Known | null): boolean {
    if (known?.is === "library") return COROUTINES[known.door].includes(known.name);
    if (known?.is !== "function" || known.node.async) return false;
    const { generator, body } = known.node;
    return generator || (body.type !== "BlockStatement" && this.givesCoroutine(body));
  }

  #once<T>(node: Node, look: () => T): T | null {
    if (this.#pending.has(node)) return null;
    this.#pending.add(node);
    try {
      return look();
    } finally {
      this.#pending.delete(node);
    }
  }

  #look(node: Node): Known | null {
    switch (node.type) {
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return { is: "function", node };
      case "ClassExpression":
        return { is: "class", node };
      case "ObjectExpression":
        return { is: "object", node };
      case "Identifier":
        return this.#ofVariable(this.variable(node));
      case "ThisExpression":
        return ownerOfThis(node);
      case "NewExpression":
        return instanceOf(this.of(node.callee));
      case "MemberExpression": {
        const name = nameOf(node.property, node.computed);
        return name === null ? null : this.#member(this.of(node.object), name);
      }
      case "CallExpression":
        return this.#ofCall(node.callee, node.arguments);
      default:
        return null;
    }
  }

  #ofCall(callee: Node, args: readonly Node[]): Known | null {
    const [first] = args;
    if (callee.type === "Identifier" && callee.name === "require" && first?.type === "Literal")
      return isDoor(first.value) ? { is: "door", door: first.value } : null;
    const known = this.of(callee);
    if (known?.is !== "library" || !Object.hasOwn(FACTORIES, known.name)) return null;
    return { is: "library instance", door: known.door, name: FACTORIES[known.name] };
  }

  #ofVariable(variable: Variable | null): Known | null {
    if (variable === null || variable.references.some((reference) => reference.isWrite() && !reference.init))
      return null;
    // The signatures of an overloaded function are definitions, too.
    const definitions = variable.defs.filter(({ node }) => (node.type as string) !== "TSDeclareFunction");
    const [definition] = definitions;
    return definitions.length === 1 ? this.#ofDefinition(definition) : null;
  }

  #ofDefinition({ type, node, name, parent }: Definition): Known | null {
    switch (type) {
      case "FunctionName":
        return isFunction(node) ? { is: "function", node } : null;
      case "ClassName":
        return isClass(node) ? { is: "class", node } : null;
      case "ImportBinding":
        return parent?.type === "ImportDeclaration" ? ofImport(parent.source.value, node) : null;
      case "Variable":
        if (node.type !== "VariableDeclarator" || node.init === null) return null;
        if (node.id.type === "ObjectPattern") return this.#taken(node.id.properties, name, node.init);
        return node.id.type === "Identifier" ? this.of(node.init) : null;
      default:
        return null;
    }
  }

  /** What a name stands for that is taken out of an object: `const { get } = queue`. */
  #taken(properties: readonly Node[], name: Node, from: Node): Known | null {
    const property = properties.find((each) => each.type === "Property" && each.value === name);
    const key = property?.type === "Property" ? nameOf(property.key, property.computed) : null;
    return key === null ? null : this.#member(this.of(from), key);
  }

  #member(owner: Known | null, name: string): Known | null {
    switch (owner?.is) {
      case "door":
        return { is: "library", door: owner.door, name };
      case "library instance":
        return { is: "library", door: owner.door, name: `${owner.name}.${name}` };
      case "object":
        return this.#ofMember(owner.node.properties, name);
      case "class":
      case "instance":
        return this.#ofClassMember(owner.node, name, owner.is === "class");
      default:
        return null;
    }
  }

  #ofClassMember({ body, superClass }: ClassNode, name: string, isStatic: boolean): Known | null {
    const members = body.body.filter((each) => "static" in each && each.static === isStatic);
    if (membersNamed(members, name).length > 0) return this.#ofMember(members, name);
    const assigned = isStatic ? null : assignedByConstructor(members, name);
    if (assigned !== null) return this.of(assigned);
    const base = superClass === null ? null : this.of(superClass);
    return this.#member(isStatic ? base : instanceOf(base), name);
  }

  #ofMember(members: readonly Node[], name: string): Known | null {
    const member = membersNamed(members, name).at(-1); // the last one counts
    if (member === undefined || member.value === null) return null;
    const isAccessor = "kind" in member && (member.kind === "get" || member.kind === "set");
    return isAccessor ? null : this.of(member.value);
  }
}

function membersNamed(members: readonly Node[], name: string): (Property | ClassMember)[] {
  return members.filter(
    (each): each is Property | ClassMember => "key" in each && nameOf(each.key, each.computed) === name,
  );
}

/** What is imported from a module, if it is one of the library's doors. */
function ofImport(door: string, name: Node): Known | null {
  if (!isDoor(door)) return null;
  if (name.type === "ImportNamespaceSpecifier") return { is: "door", door };
  return name.type === "ImportSpecifier" ? { is: "library", door, name: nameOf(name.imported, false) as string } : null;
}

/** What `new` makes of a class. */
function instanceOf(known: Known | null): Known | null {
  if (known?.is === "class") return { is: "instance", node: known.node };
  return known?.is === "library" ? { ...known, is: "library instance" } : null;
}

/** The class or the object that `this` belongs to: arrows have that of what stands around them. */
function ownerOfThis(node: Node): Known | null {
  let inner: Node = node;
  for (let each = node.parent; each !== null; inner = each, each = each.parent) {
    if ((each.type as string) === "StaticBlock") return null;
    if (each.type === "PropertyDefinition" && each.value === inner) return ownerOf(each);
    if (isFunction(each) && each.type !== "ArrowFunctionExpression") return ownerOf(each.parent);
  }
  return null;
}

function ownerOf(member: Node | null): Known | null {
  const owner = member?.type === "Property" ? member.parent : member?.parent?.parent;
  if (member?.type === "Property" && owner?.type === "ObjectExpression") return { is: "object", node: owner };
  if (member?.type !== "MethodDefinition" && member?.type !== "PropertyDefinition") return null;
  return owner && isClass(owner) ? { is: member.static ? "class" : "instance", node: owner } : null;
}

/** What the constructor assigns to `this.name`. */
function assignedByConstructor(members: readonly Node[], name: string): Node | null {
  const constructor = members.find((each) => each.type === "MethodDefinition" && each.kind === "constructor");
  const body =
    constructor?.type === "MethodDefinition" && constructor.value && isFunction(constructor.value)
      ? constructor.value.body
      : null;
  for (const statement of body?.type === "BlockStatement" ? body.body : []) {
    const assignment = statement.type === "ExpressionStatement" ? statement.expression : null;
    if (assignment?.type !== "AssignmentExpression" || assignment.left.type !== "MemberExpression") continue;
    const { object, property, computed } = assignment.left;
    if (object.type === "ThisExpression" && nameOf(property, computed) === name) return assignment.right;
  }
  return null;
}
