// Names of the library in a file, for suggestions: as they are imported there, or with what has to be added to the
// import.

import type { Fix, Fixer, SourceCode } from "./rule.ts";
import type { Import, ImportedName } from "./syntax.ts";

const MAIN = "wasyncio";

/** A name as a file may write it, and what has to be changed for that. */
export interface ImportedAs {
  readonly text: string;
  fixes(fixer: Fixer): Fix[];
}

/** How a file may write a name of the main door, or null where it imports nothing from there that could be added to. */
export function importedAs({ ast }: SourceCode, name: string): ImportedAs | null {
  const imports = ast.body.filter((node): node is Import => node.type === "ImportDeclaration");
  const names = imports.filter(isOfValues).flatMap(({ specifiers }) => specifiers);
  for (const each of names) {
    if (each.type === "ImportNamespaceSpecifier") return { text: `${each.local.name}.${name}`, fixes: () => [] };
    if (importedName(each) === name) return { text: each.local.name, fixes: () => [] };
  }
  const first = names.find((each) => each.type === "ImportSpecifier");
  const isTaken = imports.some(({ specifiers }) => specifiers.some(({ local }) => local.name === name));
  if (first === undefined || isTaken) return null;
  return { text: name, fixes: (fixer) => [fixer.insertTextBefore(first, `${name}, `)] };
}

const isOfValues = ({ source, importKind }: Import): boolean => source.value === MAIN && importKind !== "type";

function importedName(specifier: ImportedName): string | null {
  if (specifier.type !== "ImportSpecifier" || specifier.importKind === "type") return null;
  return specifier.imported.type === "Identifier" ? specifier.imported.name : null;
}
