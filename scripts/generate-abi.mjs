// Makes src/core/abi.ts, the host's copy of the numbers in assembly/abi.ts: types are dropped, expressions become
// their values, comments stay. It also tells one version of the core from another.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { exit, root } from "./exec.mjs";

const FOLDER = "assembly";
const SOURCE = `${FOLDER}/abi.ts`;
const HEADER = `// Generated from ${SOURCE} by scripts/generate-abi.mjs: do not edit.\n\n`;

const CONSTANT = /^export const (\w+): (i32|u32|f64) = ([\w\s.<|+()-]+);$/gm;
const COMMENT = /\/\*[^]*?\*\/|\/\/.*/g;
const LITERAL = /^-?(0x[\da-f_]+|\d[\d_.]*(e[+-]?\d+)?)$/i;

export async function generateAbi() {
  return HEADER + (await translate(readFileSync(resolve(root, SOURCE), "utf8"))) + fingerprint();
}

/** A constant that changes whenever the code of the core does. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const name of readdirSync(resolve(root, FOLDER)).sort()) {
    if (!name.endsWith(".ts")) continue;
    const code = readFileSync(resolve(root, FOLDER, name), "utf8")
      .replace(COMMENT, "")
      .replace(/\s+/g, "");
    hash.update(`${name}\n${code}\n`);
  }
  const value = `0x${hash.digest("hex").slice(0, 6)}`;
  return `\n/** Tells this version of the core from others: 24 bits of a hash of its code. */\nexport const CORE_FINGERPRINT = ${value};\n`;
}

async function translate(source) {
  const rest = source.replace(COMMENT, "").replace(CONSTANT, "").trim();
  if (rest !== "") exit(`${SOURCE}: expected \`export const NAME: i32 = VALUE;\`, found: ${rest.split("\n")[0]}`);

  // Without the types it is a JavaScript module, which knows its values best.
  const script = source.replace(CONSTANT, "export const $1 = $3;");
  const values = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  return source.replace(CONSTANT, (_, name, type, expression) => {
    const value = asType(values[name], type) ?? exit(`${SOURCE}: ${name} = ${values[name]} is not a valid ${type}`);
    return `export const ${name} = ${LITERAL.test(expression) ? expression : value};`;
  });
}

/** The value that AssemblyScript computes: a shift into the sign bit is negative in JavaScript and not in a u32. */
function asType(value, type) {
  if (type === "f64" || value === (value | 0)) return type === "u32" ? value >>> 0 : value;
  return type === "u32" && value === value >>> 0 ? value : null;
}
