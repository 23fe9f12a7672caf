// What the types of a program say, where its configuration has typescript-eslint's parser with type information.
//
// Types are told by name: the compiler is the user's, and the package must not need one.

import type { Node } from "./syntax.ts";

/** What typescript-eslint's parser brings along. */
export interface TypeServices {
  readonly program: { getTypeChecker(): Checker } | null;
  getTypeAtLocation(node: Node): Type;
}

interface Checker {
  getTypeArguments(type: Type): readonly Type[];
  getBaseConstraintOfType(type: Type): Type | undefined;
}

interface Type {
  readonly symbol?: { readonly name: string };
  /** The members of a union. */
  readonly types?: readonly Type[];
  /** "any", "never", "void"... */
  readonly intrinsicName?: string;
  isUnion(): boolean;
  getProperty(name: string): object | undefined;
}

/** Answers about the types of expressions. */
export interface TypeQuestions {
  /** Whether it is a coroutine: always, or now and then. */
  isCoroutine(node: Node, always?: boolean): boolean;
  /** Whether it is a future or a task. */
  isFuture(node: Node): boolean;
  /** Whether it is a promise of the outside world. */
  isPromise(node: Node): boolean;
  /** Whether nothing is known of it. */
  isUnknown(node: Node): boolean;
}

/** Returns null where the parser gives no types. */
export function typesOf(services: Partial<TypeServices> | undefined): TypeQuestions | null {
  const { program, getTypeAtLocation } = services ?? {};
  if (!program || !getTypeAtLocation) return null;
  const checker = program.getTypeChecker();

  const membersOf = (node: Node): readonly Type[] => {
    const type = getTypeAtLocation(node);
    const constraint = checker.getBaseConstraintOfType(type) ?? type;
    return constraint.isUnion() ? (constraint.types as readonly Type[]) : [constraint];
  };
  const isCoroutine = (type: Type): boolean =>
    nameOfType(type) === "Generator" && isSuspension(checker.getTypeArguments(type)[0]);
  const isAny =
    (answer: (type: Type) => boolean) =>
    (node: Node): boolean =>
      membersOf(node).some(answer);

  return {
    isCoroutine: (node, always = false) =>
      always ? membersOf(node).every(isCoroutine) : membersOf(node).some(isCoroutine),
    isFuture: isAny(isFutureType),
    isPromise: isAny((type) => type.getProperty("then") !== undefined && !isFutureType(type)),
    isUnknown: isAny(({ intrinsicName }) => intrinsicName === "any" || intrinsicName === "unknown"),
  };
}

const nameOfType = (type: Type): string | undefined => type.symbol?.name;

/** Tasks and futures, and what they are shown as where the names are others. */
const isFutureType = (type: Type): boolean =>
  (nameOfType(type) === "Future" || nameOfType(type) === "Task") && type.getProperty("addDoneCallback") !== undefined;

/** What a coroutine yields to its task. One that never waits yields nothing. */
function isSuspension(type: Type | undefined): boolean {
  if (type === undefined) return false;
  if (type.isUnion()) return (type.types as readonly Type[]).some(isSuspension);
  return nameOfType(type) === "Suspension" || type.intrinsicName === "never";
}
