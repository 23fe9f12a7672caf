// What the blocks of a document say: files, what is run, and what it prints.
//
//   ```ts                a file; "// shop.ts" in its first line is its name
//   ```ts examples/a.ts  a file of the repository, as it is there, where it has tests of its own
//   ```text              below a file: what that prints, exactly
//   ```sh                a command; with "fails" behind it, one that ends with an error
//   ```json              with "compilerOptions": the settings of TypeScript that its programs are compiled with
//   ```text excerpt      lines of what the command prints, in this order; others may stand between them
//
// What stands behind a language is invisible where the document is rendered.

import { type Block, blocksOf } from "./blocks.ts";

/** A file, or a command, with what it prints. */
export interface Example {
  readonly run: { readonly file: string } | { readonly command: string; readonly fails: boolean };
  readonly output: Block;
}

/** A file of the repository, as a document shows it. */
export interface Shown {
  /** From the root of the repository. */
  readonly path: string;
  readonly block: Block;
}

/** All that a document says. */
export interface Examples {
  /** Texts by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly examples: readonly Example[];
  readonly shown: readonly Shown[];
  /** What its programs are compiled with, if it says so: a tsconfig.json. */
  readonly settings?: object;
  /** Blocks that nobody runs, and that no example needs. */
  readonly unused: readonly Block[];
}

/** Reads a document. */
export function examplesOf(document: string): Examples {
  const blocks = blocksOf(document);
  const files = new Map<string, string>();
  const examples: Example[] = [];
  const shown: Shown[] = [];
  const used = new Set<Block>();
  const fileBlocks = new Map<string, Block>();
  for (const [index, block] of blocks.entries()) {
    const next = blocks[index + 1];
    const output = next?.language === "text" ? next : undefined;
    if (block.language === "ts" && block.info.startsWith("examples/")) {
      shown.push({ path: block.info, block }); // the repository compiles it, with what it imports
      used.add(block);
    } else if (block.language === "ts") {
      const file = /^\/\/ ([\w.-]+\.ts)\n/.exec(block.text)?.[1] ?? `program-${files.size}.ts`;
      if (files.has(file)) throw new Error(`Cannot read line ${block.line}: there are two files ${file}`);
      files.set(file, block.text);
      fileBlocks.set(file, block);
      if (output?.info === "") examples.push({ run: { file }, output });
    } else if (block.language === "sh" && output?.info === "excerpt") {
      examples.push({ run: { command: block.text.trim(), fails: block.info === "fails" }, output });
      used.add(block);
    }
  }
  for (const { run, output } of examples) {
    used.add(output);
    const texts = "file" in run ? [run.file] : run.command.split(" ");
    for (const file of neededBy(texts, files)) used.add(fileBlocks.get(file) as Block);
  }
  const settings = blocks.find(({ language, text }) => language === "json" && text.includes('"compilerOptions"'));
  if (settings !== undefined) used.add(settings);
  return {
    files,
    examples,
    shown,
    ...(settings !== undefined && { settings: JSON.parse(settings.text) as object }),
    unused: blocks.filter((block) => !used.has(block)),
  };
}

/** The files among some words, and all that they import. */
function neededBy(words: readonly string[], files: ReadonlyMap<string, string>): Set<string> {
  const needed = new Set(words.filter((word) => files.has(word)));
  for (const file of needed) {
    for (const [, name = ""] of (files.get(file) as string).matchAll(/from "\.\/(.*?)"/g)) needed.add(name);
  }
  return needed;
}
