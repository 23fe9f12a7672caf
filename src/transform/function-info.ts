// What the walk knows of the function that it is in. A generator has `this`, `arguments`, `new.target` and `super` of
// its own, or none: so what a function uses of them decides how it is lowered.

import type { ArrowFunctionExpression, Function, MethodDefinition, ObjectProperty } from "oxc-parser";

/** What an arrow function has of the function around it, and a generator has not: it takes that along under a name. */
export type Capture = "super" | "arguments" | "new.target";

/** What a function is called. */
export interface Name {
  readonly text: string;
  /**
   * "given": by the language, from what it is assigned to; "computed": likewise, when the program runs; "told": in
   * reports alone.
   */
  readonly how: "given" | "computed" | "told";
  /** Whether it is a `const`: the function is always found by it. */
  readonly isConstant?: boolean;
}

export const NAMELESS: Name = { text: "", how: "told" };

/** What is known of a function when the walk comes to it. */
export interface Facts {
  /** Null for the file, and for initializers of classes. */
  readonly node: Function | ArrowFunctionExpression | null;
  readonly outer: FunctionInfo | null;
  readonly name: Name;
  /** The member or the property whose value it is, and the name of the class. */
  readonly method: MethodDefinition | ObjectProperty | null;
  readonly className: string | null;
  readonly isStrict: boolean;
  readonly isLowered: boolean;
}

export class FunctionInfo {
  readonly facts: Facts;
  readonly isArrow: boolean;
  readonly isLowered: boolean;
  /** The outermost lowered function that has the same `this` as this one, and the outermost such arrow function. */
  readonly outermost: FunctionInfo | null;
  readonly outermostArrow: FunctionInfo | null;
  readonly captures = new Set<Capture>();
  usesThis = false;
  usesArguments = false;

  constructor(facts: Facts) {
    const { node, outer, isLowered } = facts;
    this.facts = facts;
    this.isArrow = node?.type === "ArrowFunctionExpression";
    this.isLowered = isLowered;
    const around = this.isArrow ? outer : null;
    const self = isLowered ? this : null;
    this.outermost = around?.outermost ?? self;
    this.outermostArrow = around?.outermostArrow ?? (this.isArrow ? self : null);
  }

  /** The function whose `this` and `arguments` it has. */
  get owner(): FunctionInfo {
    const { outer } = this.facts;
    return this.isArrow && outer !== null ? outer.owner : this;
  }

  get isDecorated(): boolean {
    const { method } = this.facts;
    return method?.type === "MethodDefinition" && method.decorators.length > 0;
  }

  /** Whether its generator is a private static method of its class if nothing speaks against that. */
  get isOfClass(): boolean {
    const { method, className, node } = this.facts;
    const decorated = this.isDecorated || (node?.params.some(hasDecorators) ?? false);
    return method?.type === "MethodDefinition" && className !== null && !decorated;
  }

  /** Who takes `super` along. In a static method of a class nobody has to: a private one beside it has the same. */
  get superCapturer(): FunctionInfo | null {
    const method = this.outermost?.facts.method;
    const isStatic = method?.type === "MethodDefinition" && method.static;
    return isStatic && this.outermost?.isOfClass ? this.outermostArrow : this.outermost;
  }
}

export function hasDecorators(parameter: { readonly decorators?: readonly unknown[] | null }): boolean {
  return (parameter.decorators?.length ?? 0) > 0;
}
