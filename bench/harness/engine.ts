// The engines that all sides of JavaScript are measured on, each with the command that runs a program with `gc`
// exposed.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type NodeName, binaryOf, installOf, nodes, ownNode } from "../../scripts/engines.mjs";

const exec = promisify(execFile);

/** "node" is the one that runs this. */
export const ENGINES: readonly EngineName[] = [...nodes, "node", "deno", "bun"];
export type EngineName = NodeName | "node" | "deno" | "bun";

/** What most programs will run on: the newest Node. */
export const DEFAULT_ENGINE = nodes.at(-1) as NodeName;

/** Engines of one kind, by its name in package.json's "imports". */
export type Kind = "node" | "deno" | "bun";

export interface Engine {
  kind: Kind;
  /** "Node 26.12.1". */
  version: string;
  /** The command, to which a program and its arguments are added. */
  command: readonly string[];
}

const TITLES = { node: "Node", deno: "Deno", bun: "Bun" };
const ARGUMENTS = {
  node: ["--expose-gc"],
  deno: ["run", "--allow-all", "--v8-flags=--expose-gc"],
  bun: ["--expose-gc"],
};

/** An engine, or the reason why it is not there. */
export async function findEngine(name: EngineName): Promise<Engine | string> {
  const kind: Kind = name === "deno" || name === "bun" ? name : "node";
  const engine = name === "node" ? ownNode : name;
  const file = binaryOf(engine);
  if (file === null) return `${name} is not installed (${installOf(engine)})`;
  const { stdout } = await exec(file, ["--version"]);
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "unknown";
  return { kind, version: `${TITLES[kind]} ${version}`, command: [file, ...ARGUMENTS[kind]] };
}
