// The walk over a file's tree, the only one: on the way down it notes what functions use, and what names are declared;
// on the way up it lowers what it has seen. It is one long switch, since all that it notes depends on where it is; what
// is written is decided in functions.ts and statements.ts.

import type {
  AccessorProperty,
  ArrowFunctionExpression,
  AwaitExpression,
  CallExpression,
  Class,
  Expression,
  Function,
  Node,
  PropertyDefinition,
  PropertyKey,
  Statement,
  VariableDeclaration,
} from "oxc-parser";
import { FunctionInfo, type Facts, NAMELESS, type Name } from "./function-info.ts";
import { Edits } from "./edits.ts";
import { FreeNames } from "./free-names.ts";
import { Functions, isLeft } from "./functions.ts";
import { Helpers, moduleFor } from "./helpers.ts";
import { type Source, eachChild, isDirective } from "./source.ts";
import { Statements } from "./statements.ts";

/** Where a field's name is what follows, and not a name in scope. */
type Keyed = { readonly key: PropertyKey; readonly computed: boolean };

export class Lowering {
  readonly edits: Edits;
  readonly warnings: string[] = [];
  readonly #source: Source;
  readonly #helpers: Helpers;
  readonly #functions: Functions;
  readonly #statements: Statements;
  readonly #names = new FreeNames();
  #current: FunctionInfo;
  /** What the next function is called if it has no name of its own. */
  #name = NAMELESS;
  /** A function that is asked for what makes such functions, or for their prototype: it stays what it is. */
  #asked: Node | null = null;
  /** An expression that stands where any may: it needs no parentheses, whatever it becomes. */
  #whole: Node | null = null;
  /** Where the innermost statement begins that is an expression. */
  #leftmost = -1;
  /** Where the labels of the next loop begin. */
  #labels = -1;
  /** Where the last arrow function ended. */
  #arrowEnd = -1;

  /** @param hasNames whether stacks are to show the names of the source */
  constructor(source: Source, hasNames: boolean) {
    this.#source = source;
    this.edits = new Edits(source.code);
    this.#helpers = new Helpers(source.code);
    this.#functions = new Functions(source, this.edits, this.#helpers, hasNames);
    this.#statements = new Statements(source, this.edits, this.#helpers);
    const isStrict = source.format === "module" || isStrictCode(source.program.body);
    this.#current = new FunctionInfo({ ...NOWHERE, outer: null, isStrict });
  }

  /** Lowers all of the file. */
  run(): void {
    const { body } = this.#source.program;
    for (const each of body) this.#visit(each);
    this.#functions.settle(this.#names.assigned);
    for (const { start, end, helper, isShorthand, name } of this.#names.uses()) {
      const text = FreeNames.isTimer(name) ? `${this.#helpers.use("timer")}("${name}")` : this.#helpers.use(helper);
      this.edits.replace(start, end, isShorthand ? `${name}: ${text}` : text);
    }
    if (!this.edits.isEmpty) this.#import(body);
  }

  /** Imports stand before the first statement that is no directive: comments of tools stay in front of all. */
  #import(body: readonly Node[]): void {
    const imports = this.#helpers.imports(this.#source.format);
    const first = body.find((each) => !isDirective(each));
    if (first !== undefined) this.edits.before(first.start, imports + this.#functions.namings);
  }

  #visit(node: Node): void {
    const name = this.#name;
    this.#name = NAMELESS;
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
        return this.#function(node, name);
      case "ArrowFunctionExpression":
        return this.#arrow(node, name);
      case "ClassDeclaration":
      case "ClassExpression":
        return this.#class(node);
      case "Property":
        return this.#property(node);
      case "Identifier":
        return this.#identifier(node.name, node, false);
      case "JSXIdentifier":
        if (node.name === "this") this.#current.usesThis = true;
        return;
      case "ThisExpression":
        this.#current.usesThis = true;
        return;
      case "MetaProperty":
        if (node.meta.name === "new") this.#capture("new.target", node, this.#current.outermostArrow);
        return;
      case "MemberExpression":
        return this.#member(node);
      case "CallExpression":
        return this.#call(node);
      case "NewExpression":
        this.#visit(node.callee);
        for (const each of node.arguments) this.#named(each, `${nameIn(node.callee)}(async)`);
        return;
      case "TaggedTemplateExpression":
        eachChild(node, (child) => this.#visit(child));
        if (this.#isCapturedSuper(node.tag)) this.edits.after(node.tag.end, ".bind(this)");
        return;
      case "BinaryExpression":
      case "LogicalExpression":
        return this.#operators(node);
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
        if (node.type === "ParenthesizedExpression") this.#whole = node.expression;
        this.#name = name;
        return this.#visit(node.expression);
      case "AssignmentExpression":
        this.#assign(node.left);
        this.#whole = node.right;
        return this.#named(node.right, nameIn(node.left), node.left.type === "Identifier" ? "given" : "told");
      case "UpdateExpression":
        return this.#assign(node.argument);
      case "AwaitExpression":
        return this.#await(node);
      case "YieldExpression":
        return this.#yield(node);
      case "ExpressionStatement":
        return this.#expressionStatement(node.expression, node);
      case "VariableDeclaration":
        this.#declaration(node);
        return this.#endStatement(node);
      case "ReturnStatement":
        return this.#return(node.argument, node);
      case "ThrowStatement":
        this.#visit(node.argument);
        return this.#endStatement(node);
      case "ExportDefaultDeclaration":
        this.#named(node.declaration, "default", "given");
        return this.#endStatement(node);
      case "ExportNamedDeclaration":
        if (node.declaration !== null) this.#visit(node.declaration);
        if (node.source !== null && node.exportKind !== "type") this.#module(node.source);
        return;
      case "ExportAllDeclaration":
        if (node.exportKind !== "type") this.#module(node.source);
        return;
      case "ImportExpression":
        this.#module(node.source);
        return eachChild(node, (child) => this.#visit(child));
      case "ImportDeclaration":
        if (node.importKind !== "type") this.#module(node.source);
        for (const { local } of node.specifiers) this.#names.declare(local.name, false);
        return;
      case "BlockStatement":
        return this.#block(node);
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return this.#loop(node);
      case "SwitchStatement":
        this.#visit(node.discriminant);
        return this.#scope(() => node.cases.forEach((each) => this.#visit(each)));
      case "CatchClause":
        return this.#scope(() => {
          if (node.param !== null) this.#bind(node.param, false);
          this.#visit(node.body);
          if (this.#current.isLowered) this.#statements.catchClause(node);
        });
      case "LabeledStatement":
        if (this.#labels < 0) this.#labels = node.start;
        this.#refuseYield(node.label.name, node.label.start);
        if (node.body.type !== "LabeledStatement" && node.body.type !== "ForOfStatement" && !isUsingLoop(node.body))
          this.#labels = -1;
        return this.#visit(node.body);
      case "TSModuleDeclaration":
        if (node.declare !== true && node.body) this.#scope(() => this.#visit(node.body as Node), true);
        return;
      case "TSEnumDeclaration":
        if (node.declare !== true) this.#visit(node.body);
        return;
      case "TSEnumMember":
        if (node.initializer !== null) this.#visit(node.initializer);
        return;
      case "BreakStatement":
      case "ContinueStatement":
      case "TSDeclareFunction":
      case "TSImportEqualsDeclaration":
      case "TSInterfaceDeclaration":
      case "TSNamespaceExportDeclaration":
      case "TSTypeAliasDeclaration":
        return;
      default:
        eachChild(node, (child) => this.#visit(child));
    }
  }

  /** Visits what is a function with this name if it is a function without one. */
  #named(node: Node, text: string, how: Name["how"] = "told", isConstant = false): void {
    // An object with this key would have another prototype instead.
    this.#name = how === "given" && text === "__proto__" ? NAMELESS : { text, how, isConstant };
    this.#visit(node);
  }

  #scope(inside: () => void, isFunction = false): void {
    this.#names.enter(isFunction);
    inside();
    this.#names.leave();
  }

  // -- functions ---------------------------------------------------------------------------------------------------

  #function(node: Function, name: Name, of: Partial<Facts> = {}): void {
    if (node.type !== "FunctionDeclaration" && node.type !== "FunctionExpression") return;
    if (node.body === null) return;
    if (node.id !== null && node.type === "FunctionDeclaration") this.#names.declare(node.id.name, true);
    const isStrict = of.isStrict ?? (this.#current.facts.isStrict || isStrictCode(node.body.body));
    const isLowered = node.async && !isLeft(node) && node !== this.#asked;
    if (node.async && isLeft(node))
      this.#warn(node, "a function with decorated parameters that are more than names is left as it is");
    const called = node.id === null ? name : ({ text: node.id.name, how: "told" } as const);
    this.#activate({ ...NOWHERE, ...of, node, name: called, isStrict, isLowered }, false, () => {
      if (node.id !== null && node.type === "FunctionExpression") this.#names.declare(node.id.name, false);
    });
  }

  #arrow(node: ArrowFunctionExpression, name: Name): void {
    const isLeftmost = node.start === this.#leftmost;
    const isStrict =
      this.#current.facts.isStrict || (node.body.type === "BlockStatement" && isStrictCode(node.body.body));
    const isLowered = node.async && node !== this.#asked;
    this.#activate({ ...NOWHERE, node, name, isStrict, isLowered }, isLeftmost);
    if (isLowered) this.#arrowEnd = node.end;
  }

  #activate(facts: Omit<Facts, "outer">, isLeftmost: boolean, declare?: () => void): void {
    const outer = this.#current;
    const info = new FunctionInfo({ ...facts, outer });
    const { node } = facts;
    const labels = this.#labels;
    this.#labels = -1;
    this.#current = info;
    this.#scope(() => {
      declare?.();
      for (const each of node?.params ?? []) this.#bind(each, false);
      const body = node?.body;
      if (body?.type === "BlockStatement") {
        for (const each of body.body) this.#visit(each);
        if (info.isLowered) this.#using(body.body, body.start + 1, body.end - 1);
      } else if (body) {
        this.#whole = body;
        this.#visit(body);
      }
    }, true);
    this.#current = outer;
    this.#labels = labels;
    if (info.isArrow && info.usesThis) outer.usesThis = true;
    if (info.isLowered) this.#functions.lower(info, isLeftmost);
  }

  /** What runs on its own, with a `this` of its own: a field's value, a static block. */
  #initializer(inside: () => void): void {
    const outer = this.#current;
    this.#current = new FunctionInfo({ ...NOWHERE, outer, isStrict: true });
    this.#scope(inside, true);
    this.#current = outer;
  }

  #class({ type, id, decorators, superClass, body, declare }: Class): void {
    if (declare === true) return;
    if (id !== null && type === "ClassDeclaration") this.#names.declare(id.name, false);
    // A decorator may put another class in its place, which has not the private methods of this one.
    const className = decorators.length > 0 ? null : (id?.name ?? null);
    this.#scope(() => {
      if (id !== null) this.#names.declare(id.name, false);
      for (const each of decorators) this.#visit(each);
      if (superClass !== null) this.#visit(superClass);
      for (const member of body.body) {
        if (member.type === "StaticBlock") this.#initializer(() => member.body.forEach((each) => this.#visit(each)));
        else if (member.type === "MethodDefinition") {
          this.#key(member);
          const name: Name = { text: keyName(member), how: "told" };
          this.#function(member.value, name, { method: member, className, isStrict: true });
        } else if (member.type === "PropertyDefinition" || member.type === "AccessorProperty") this.#field(member);
      }
    });
  }

  #field(member: PropertyDefinition | AccessorProperty): void {
    this.#key(member);
    const { value } = member;
    if (value === null) return;
    this.#initializer(() => this.#named(value, keyName(member), member.computed ? "computed" : "given"));
    this.#endStatement(member);
  }

  #property(node: Node & { type: "Property" }): void {
    if (!node.computed && node.shorthand) {
      const { value } = node;
      if (value.type === "Identifier") this.#identifier(value.name, value, true);
      return;
    }
    this.#key(node);
    if (node.method && node.value.type === "FunctionExpression")
      this.#function(node.value, { text: keyName(node), how: "told" }, { method: node as Facts["method"] });
    else this.#named(node.value, keyName(node), node.computed ? "computed" : "given");
  }

  #key(node: Keyed & { readonly decorators?: readonly Node[] }): void {
    for (const each of node.decorators ?? []) this.#visit(each);
    if (node.computed) this.#visit(node.key);
  }

  // -- names -------------------------------------------------------------------------------------------------------

  /** A module of the host's may be one of ours for a lowered file. */
  #module(source: Node | undefined): void {
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    const found = moduleFor(source.value);
    if (found !== undefined) this.edits.replace(source.start, source.end, `"${found}"`);
  }

  #identifier(name: string, node: Node, isShorthand: boolean): void {
    if (name === "arguments") return this.#arguments(node, isShorthand);
    this.#refuseYield(name, node.start);
    if (FreeNames.has(name) && name !== "process")
      this.#names.use({ name, start: node.start, end: node.end, helper: name, isShorthand });
  }

  #arguments(node: Node, isShorthand: boolean): void {
    const { outermostArrow, owner } = this.#current;
    if (outermostArrow === null) owner.usesArguments = true;
    this.#capture("arguments", node, outermostArrow, isShorthand ? "arguments: " : "");
  }

  #capture(what: "arguments" | "new.target", { start, end }: Node, capturer: FunctionInfo | null, before = ""): void {
    if (capturer === null) return;
    capturer.captures.add(what);
    if (what === "arguments") capturer.owner.usesArguments = true;
    this.edits.replace(start, end, before + this.#functions.captured(what));
  }

  /** Declares the names of a pattern, and visits what it evaluates. */
  #bind(pattern: Node, isVar: boolean): void {
    switch (pattern.type) {
      case "Identifier":
        this.#refuseYield(pattern.name, pattern.start);
        for (const each of pattern.decorators ?? []) this.#visit(each);
        return this.#names.declare(pattern.name, isVar);
      case "ObjectPattern":
        for (const each of pattern.properties) {
          if (each.type === "RestElement") this.#bind(each, isVar);
          else {
            this.#key(each);
            this.#bind(each.value, isVar);
          }
        }
        return;
      case "ArrayPattern":
        for (const each of pattern.elements) if (each !== null) this.#bind(each, isVar);
        return;
      case "AssignmentPattern":
        this.#bind(pattern.left, isVar);
        return this.#named(pattern.right, nameIn(pattern.left), pattern.left.type === "Identifier" ? "given" : "told");
      case "RestElement":
        return this.#bind(pattern.argument, isVar);
      case "TSParameterProperty":
        for (const each of pattern.decorators) this.#visit(each);
        return this.#bind(pattern.parameter, isVar);
      default:
        this.#visit(pattern);
    }
  }

  /** Notes the names that are assigned to, and visits what is evaluated. */
  #assign(target: Node): void {
    switch (target.type) {
      case "Identifier":
        this.#names.assigned.add(target.name);
        return FreeNames.isTimer(target.name) ? undefined : this.#identifier(target.name, target, false);
      case "ObjectPattern":
        for (const each of target.properties) {
          if (each.type === "RestElement") this.#assign(each);
          else {
            this.#key(each);
            this.#assign(each.value);
          }
        }
        return;
      case "ArrayPattern":
        for (const each of target.elements) if (each !== null) this.#assign(each);
        return;
      case "AssignmentPattern":
        this.#assign(target.left);
        return this.#named(target.right, nameIn(target.left), target.left.type === "Identifier" ? "given" : "told");
      case "RestElement":
        return this.#assign(target.argument);
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSNonNullExpression":
        return this.#assign(target.expression);
      default:
        this.#visit(target);
    }
  }

  // -- expressions -------------------------------------------------------------------------------------------------

  #member(node: Node & { type: "MemberExpression" }): void {
    const { object, property, computed } = node;
    if (object.type === "Super") this.#super(node);
    else if (object.type === "Identifier" && object.name === "process" && !computed && nameIn(node) === "nextTick") {
      const { start, end } = node;
      this.#names.use({ name: "process", start, end, helper: "nextTick", isShorthand: false });
    } else {
      if (!computed && nameIn(node) === "constructor") this.#asked = bare(object);
      this.#visit(object);
    }
    if (computed) this.#visit(property);
  }

  /** `super.x` is `$ws("x").v`, and `super[x]` is `$ws(x).v`. */
  #super({ object, property, computed }: Node & { type: "MemberExpression" }): void {
    this.#current.usesThis = true;
    const capturer = this.#current.superCapturer;
    if (capturer === null) return;
    capturer.captures.add("super");
    capturer.usesThis = true;
    const { edits } = this;
    const captured = this.#functions.captured("super");
    if (computed) {
      const open = this.#source.find("[", object.end);
      const close = this.#source.find("]", property.end);
      edits.replace(object.start, object.end, captured);
      edits.replace(open, open + 1, "(");
      edits.replace(close, close + 1, ").v");
      return;
    }
    const dot = this.#source.find(".", object.end);
    edits.replace(object.start, object.end, `${captured}(${JSON.stringify(nameIn(property))}).v`);
    edits.replace(dot, dot + 1, "");
    edits.replace(property.start, property.end, "");
  }

  #isCapturedSuper(node: Node): boolean {
    return node.type === "MemberExpression" && node.object.type === "Super" && this.#current.superCapturer !== null;
  }

  #call(node: CallExpression): void {
    const { callee } = node;
    if (callee.type === "Super" && this.#current.outermost !== null)
      this.#refuse(node.start, "it calls super() in a function that is lowered");
    if (callee.type === "Identifier" && callee.name === "eval" && !node.optional) this.#eval(node);
    if (callee.type === "Identifier" && callee.name === "require") this.#module(node.arguments[0]);
    if (callee.type !== "Super") this.#visit(callee);
    // `Object.getPrototypeOf(async () => {}).constructor` makes functions of texts.
    if (callee.type === "MemberExpression" && nameIn(callee) === "getPrototypeOf")
      this.#asked = bare(node.arguments[0]);
    for (const each of node.arguments) this.#named(each, `${nameIn(callee)}(async)`);
    if (!this.#isCapturedSuper(callee)) return;
    // `super.m(1)` is `$ws("m").v.call(this, 1)`.
    const open = this.#source.find("(", node.typeArguments?.end ?? callee.end);
    this.edits.after(open + 1, node.arguments.length > 0 ? "this, " : "this");
    if (node.optional) this.edits.after(this.#source.find("?.", callee.end) + "?.".length, "call");
    else this.edits.after(callee.end, ".call");
  }

  #eval(node: CallExpression): void {
    const { owner } = this.#current;
    this.#current.usesThis = true;
    owner.usesArguments = true;
    this.#warn(node, "async functions in what a direct eval evaluates are left as they are");
  }

  /** Without going deeper for each: programs that were generated add up thousands of texts. */
  #operators(node: Node): void {
    const operands: Node[] = [];
    let left = node;
    for (; left.type === "BinaryExpression" || left.type === "LogicalExpression"; left = left.left)
      operands.push(left.right);
    this.#visit(left);
    for (const each of operands.reverse()) this.#visit(each);
  }

  #await(node: AwaitExpression): void {
    const wrap = this.#wrapper(node);
    this.#visit(node.argument);
    if (!this.#current.isLowered) return;
    this.#runInPlace(node.argument);
    wrap("await", node.start + "await".length);
  }

  /** What puts the words of an expression, up to `end`, away for the call of a helper. */
  #wrapper(node: Node): (helper: string, end: number) => void {
    const isWhole = node === this.#whole;
    // Behind a statement without a semicolon a parenthesis would call it.
    const open = isWhole ? "" : node.start === this.#leftmost ? "0,(" : "(";
    return (helper, end) => {
      this.edits.replace(node.start, this.#source.skipBlank(end), `${open}yield* ${this.#helpers.use(helper)}(`);
      this.edits.after(node.end, isWhole ? ")" : "))");
    };
  }

  /**
   * `await f(a)` says which function it is about to call, when nothing comes between: if that is lowered, it runs in
   * the task that awaits.
   */
  #runInPlace(node: Expression): void {
    if (node.type !== "CallExpression" || node.optional || node.callee.type !== "Identifier") return;
    const isPlain = ({ type }: Node): boolean =>
      type === "Identifier" || type === "Literal" || type === "ThisExpression";
    const { name } = node.callee;
    if (name === "eval" || FreeNames.has(name)) return;
    if (node.arguments.every(isPlain)) {
      this.edits.before(node.start, `(${this.#helpers.use("d")}.f = ${name}, `);
      this.edits.after(node.end, ")");
      return;
    }
    const last = node.arguments.at(-1);
    if (last === undefined || last.type === "SpreadElement") return;
    this.edits.before(last.start, `${this.#helpers.use("calling")}(`);
    this.edits.after(last.end, `, ${name})`);
  }

  #yield(node: Node & { type: "YieldExpression" }): void {
    const wrap = this.#wrapper(node);
    if (node.argument !== null) this.#visit(node.argument);
    if (!this.#current.isLowered) return;
    const word = node.start + "yield".length;
    if (node.delegate) wrap("yieldStar", this.#source.find("*", word) + 1);
    else wrap("yield", word);
  }

  #refuseYield(name: string, at: number): void {
    if (name === "yield" && this.#current.isLowered) this.#refuse(at, "`yield` is a name there");
  }

  // -- statements --------------------------------------------------------------------------------------------------

  #expressionStatement(expression: Expression, node: Node): void {
    this.#leftmost = node.start;
    this.#whole = expression;
    this.#visit(expression);
    this.#endStatement(node);
  }

  /**
   * An arrow function ends its statement where a parenthesis, or the like, begins the next line. The call that stands
   * for it does not.
   */
  #endStatement({ end }: Node): void {
    if (this.#arrowEnd === end && this.#source.code[end - 1] !== ";") this.edits.after(end, ";");
  }

  #declaration({ declare, kind, declarations }: VariableDeclaration): void {
    if (declare === true) return;
    for (const { id, init } of declarations) {
      this.#bind(id, kind === "var");
      if (init === null) continue;
      if (kind === "var" && id.type === "Identifier") this.#names.assigned.add(id.name);
      this.#whole = init;
      const isName = id.type === "Identifier";
      this.#named(init, nameIn(id), isName ? "given" : "told", isName && kind === "const");
    }
  }

  #return(argument: Expression | null, node: Node): void {
    if (argument !== null) {
      this.#whole = argument;
      this.#visit(argument);
      if (this.#current.isLowered && this.#current.facts.node?.generator) {
        this.edits.before(argument.start, `yield* ${this.#helpers.use("await")}(`);
        this.edits.after(argument.end, ")");
      }
    }
    this.#endStatement(node);
  }

  #block({ body, start, end }: Node & { type: "BlockStatement" }): void {
    this.#scope(() => {
      for (const each of body) this.#visit(each);
      if (this.#current.isLowered) this.#using(body, start + 1, end - 1);
    });
  }

  #using(body: readonly Node[], from: number, end: number): void {
    const declarations = body.filter(isUsing);
    if (!declarations.some(({ kind }) => kind === "await using")) return;
    const directive = body.filter(isDirective).at(-1);
    this.#statements.usingBlock(declarations, directive?.end ?? from, end);
  }

  #loop(node: Node & { type: "ForStatement" | "ForInStatement" | "ForOfStatement" }): void {
    const start = this.#labels < 0 ? node.start : this.#labels;
    this.#labels = -1;
    this.#scope(() => {
      if (node.type === "ForStatement") {
        if (node.init?.type === "VariableDeclaration") this.#declaration(node.init);
        else if (node.init !== null) this.#visit(node.init);
        if (node.test !== null) this.#visit(node.test);
        if (node.update !== null) this.#visit(node.update);
      } else {
        if (node.left.type === "VariableDeclaration") this.#declaration(node.left);
        else this.#assign(node.left);
        this.#visit(node.right);
      }
      this.#visit(node.body);
    });
    if (!this.#current.isLowered) return;
    if (node.type === "ForStatement") {
      if (node.init?.type === "VariableDeclaration" && node.init.kind === "await using")
        this.#statements.usingLoop(node.init, node.body, start);
    } else if (node.type === "ForOfStatement") {
      const { left } = node;
      if (left.type === "VariableDeclaration" && left.kind === "await using") this.#statements.usingOf(left, node.body);
      if (node.await) this.#statements.forAwait(node, start);
    }
  }

  // -- what cannot be ----------------------------------------------------------------------------------------------

  #refuse(at: number, reason: string): never {
    throw new SyntaxError(`Cannot lower ${this.#inWords()} at ${this.#source.place(at)}: ${reason}`);
  }

  #warn(node: Node, text: string): void {
    this.warnings.push(`${this.#source.place(node.start)}: ${text}`);
  }

  #inWords(): string {
    const name = this.#current.facts.name.text;
    return name === "" ? "an async function" : `the async function ${name}`;
  }
}

/** Of a function that is nobody's method. */
const NOWHERE = { node: null, name: NAMELESS, method: null, className: null, isLowered: false } as const;

function isStrictCode(body: readonly Node[]): boolean {
  return body.some((each) => each.type === "ExpressionStatement" && each.directive === "use strict");
}

const isUsing = (node: Node): node is VariableDeclaration =>
  node.type === "VariableDeclaration" && (node.kind === "using" || node.kind === "await using");

const isUsingLoop = (node: Statement): boolean =>
  node.type === "ForStatement" && node.init?.type === "VariableDeclaration" && isUsing(node.init);

/** An expression without its parentheses. */
const bare = (node: Node | undefined): Node | null =>
  node?.type === "ParenthesizedExpression" ? bare(node.expression) : (node ?? null);

/** The name in a variable, a member or a pattern that is plain; else "". */
function nameIn(node: Node): string {
  if (node.type === "Identifier") return node.name;
  if (node.type === "PrivateIdentifier") return `#${node.name}`;
  return node.type === "MemberExpression" && !node.computed ? nameIn(node.property) : "";
}

function keyName({ key, computed }: Keyed): string {
  if (computed) return "";
  return key.type === "Literal" ? String(key.value) : nameIn(key);
}
