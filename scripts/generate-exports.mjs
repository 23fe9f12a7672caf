// Makes src/core/exports.ts: the wasm's exports as TypeScript sees them, with their documentation.
//
// assembly/index.ts says what is exported; the heading above an export, `// ── Interface: what it is ──`, says of which
// interface it is.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { exit, root } from "./exec.mjs";

const FOLDER = "assembly";
const SOURCE = `${FOLDER}/index.ts`;
const HEADER = `// Generated from ${SOURCE} by scripts/generate-exports.mjs: do not edit.`;
const WIDTH = 120;

/** A heading, functions that are exported where they stand, and names that are exported from another file. */
const EXPORTED = /^\/\/ ── (\w+): (.+?) ─+$|^export function (\w+)|^export \{([^}]*)\} from "\.\/([\w-]+)";$/gm;

/** Types of parameters; of results that come raw: a bool is a number then. */
const PARAMETERS = { i32: "number", u32: "number", f64: "number", bool: "boolean" };
const RESULTS = { ...PARAMETERS, bool: "number", void: "void" };
/** Results that as-bind carries over. */
const CARRIED = { string: "string", Int32Array: "Int32Array", Float64Array: "Float64Array" };

const read = (name) => readFileSync(resolve(root, FOLDER, `${name}.ts`), "utf8");

export function generateExports() {
  const interfaces = [];
  for (const [, heading, purpose, own, names = own, file = "index"] of read("index").matchAll(EXPORTED)) {
    if (heading !== undefined) {
      interfaces.push({ heading, purpose, methods: [] });
      continue;
    }
    const { methods } = interfaces.at(-1) ?? exit(`${SOURCE}: ${names} is exported above the first heading`);
    for (const name of names.match(/\w+/g)) methods.push(methodOf(name, file));
  }
  const texts = interfaces.map(({ heading, purpose, methods }) => {
    const documentation = comment(`${purpose[0].toUpperCase()}${purpose.slice(1)}.`, "");
    return `${documentation}export interface ${heading} {\n${methods.join("")}}\n`;
  });
  return `${HEADER}\n\n${texts.join("\n")}`;
}

/** A function of a file as a method, with what its comment says. */
function methodOf(name, file) {
  const declaration = new RegExp(
    String.raw`(?:/\*\*((?:(?!\*/)[^])*)\*/\n)?export function ${name}\(([^)]*)\): (\w+) \{`,
  );
  const [, text = "", parameters, result] =
    declaration.exec(read(file)) ?? exit(`${FOLDER}/${file}.ts: there is no function ${name}`);
  const typed = Array.from(parameters.matchAll(/(\w+): (\w+)/g), ([, parameter, type]) => {
    return `${parameter}: ${PARAMETERS[type] ?? exit(`${FOLDER}/${file}.ts: ${name} takes a ${type}`)}`;
  });
  const type = RESULTS[result] ?? CARRIED[result] ?? exit(`${FOLDER}/${file}.ts: ${name} returns a ${result}`);
  return `${comment(text.replace(/^ *\*/gm, ""), "  ")}  ${name}(${typed.join(", ")}): ${type};\n`;
}

/** A comment of a line, or of as many as it takes; nothing for no words. */
function comment(text, indentation) {
  const words = text.match(/\S+/g) ?? [];
  if (words.length === 0) return "";
  const line = `${indentation}/** ${words.join(" ")} */`;
  if (line.length <= WIDTH) return `${line}\n`;
  const lines = [`${indentation} *`];
  for (const word of words) {
    if (lines.at(-1).length + 1 + word.length > WIDTH) lines.push(`${indentation} *`);
    lines.push(`${lines.pop()} ${word}`);
  }
  return `${indentation}/**\n${lines.join("\n")}\n${indentation} */\n`;
}
