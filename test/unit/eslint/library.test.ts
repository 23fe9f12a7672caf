// The table of what gives coroutines, beside the types of the doors.

import { join } from "node:path";
import { expect, test } from "vitest";
import { doors } from "../../../scripts/doors.mjs";
import { root } from "../../../scripts/exec.mjs";
import { COROUTINES } from "../../../src/eslint/library.ts";
import { load, typeScript } from "./eslint.ts";

/** As much of TypeScript's compiler as is asked here. */
interface Compiler {
  getSymbolAtLocation(file: object): Symbol;
  getExportsOfModule(module: Symbol): Symbol[];
  getTypeOfSymbol(symbol: Symbol): Type;
  getTypeArguments(type: Type): readonly Type[];
}
interface Symbol {
  readonly name: string;
  readonly flags: number;
}
interface Type {
  readonly symbol?: Symbol;
  getCallSignatures(): readonly { getReturnType(): Type }[];
  getProperty(name: string): Symbol | undefined;
  getProperties(): readonly Symbol[];
}
interface Parsed {
  readonly services: {
    readonly program: { getTypeChecker(): Compiler; getSourceFile(file: string): object };
  };
}

/** The compiler's view of all doors. */
function parseDoors(): Parsed["services"]["program"] {
  const imports = doors.map(({ name }, index) => `import * as door${index} from "${name}";`).join("\n");
  const { parseForESLint } = load("@typescript-eslint/parser") as {
    parseForESLint(code: string, options: object): Parsed;
  };
  const options = { ...typeScript.parserOptions, filePath: join(root, "doors.ts") };
  return parseForESLint(imports, options).services.program;
}

test("COROUTINES has all doors, and what gives coroutines by its types", () => {
  const program = parseDoors();
  const compiler = program.getTypeChecker();

  const isCoroutine = (type: Type): boolean =>
    type.symbol?.name === "Generator" && compiler.getTypeArguments(type)[0].symbol?.name === "Suspension";
  const givesCoroutine = (symbol: Symbol): boolean =>
    compiler
      .getTypeOfSymbol(symbol)
      .getCallSignatures()
      .some((signature) => isCoroutine(signature.getReturnType()));
  /** Of a class, the methods that programs may call: no private ones, and none of asyncio's own with an underscore. */
  const methodsOf = (exported: Symbol): string[] => {
    const prototype = compiler.getTypeOfSymbol(exported).getProperty("prototype");
    const members = prototype === undefined ? [] : compiler.getTypeOfSymbol(prototype).getProperties();
    const methods = members.filter(({ name }) => !/^_|#/.test(name)).filter(givesCoroutine);
    return methods.map(({ name }) => `${exported.name}.${name}`);
  };

  const found = doors.map(({ name, source }) => {
    const module = compiler.getSymbolAtLocation(program.getSourceFile(join(root, source)));
    const names = compiler
      .getExportsOfModule(module)
      .flatMap((exported) => [...(givesCoroutine(exported) ? [exported.name] : []), ...methodsOf(exported)]);
    return [name, names.sort()] as const;
  });
  expect(COROUTINES).toEqual(Object.fromEntries(found));
});
