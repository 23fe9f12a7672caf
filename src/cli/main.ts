#!/usr/bin/env node
// `npx wasyncio COMMAND`: a table of commands, each of which is loaded when it is asked for.

import { readFileSync } from "node:fs";

/** A command: what it does, in a line, and its module. */
interface Command {
  readonly summary: string;
  readonly load: () => Promise<{ main(args: string[]): Promise<number> }>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { summary: "serves an app over HTTP, in one process or in several", load: () => import("./serve.ts") },
};

const USAGE = `usage: wasyncio COMMAND [arguments]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join("\n")}

wasyncio COMMAND --help tells more; --version prints the version.
`;

async function main([name = "--help", ...args]: string[]): Promise<number> {
  if (["--help", "-h"].includes(name)) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (["--version", "-v"].includes(name)) {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    console.log(manifest.version);
    return 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    process.stderr.write(`wasyncio: there is no command ${name}\n\n${USAGE}`);
    return 2;
  }
  return (await COMMANDS[name].load()).main(args);
}

process.exitCode = await main(process.argv.slice(2));
