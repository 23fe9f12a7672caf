// One digest on every host, and proof that this test would see a difference: two builds that are broken on purpose.

import { type NodeName, binaryOf, nodes, ownNode } from "../../scripts/engines.mjs";
import { type Condition, type Fault, bundleSuite } from "./bundle.ts";
import { runOrder } from "./launchers/command.ts";
import type { FoundHost, Host } from "./hosts.ts";
import type { Result } from "./suite/report.ts";

/** Programs behind the digest of a host. */
export const DIGEST_PROGRAMS = 10_000;
/** Programs behind the digest of a broken build: a difference shows in the first ones. */
const BROKEN_PROGRAMS = 300;

/** V8's compilers for wasm, each alone: the quick one, and the thorough one. */
const COMPILERS = ["--liftoff-only", "--no-liftoff"];

/** Hosts on other engines than V8. */
const NOT_V8 = ["bun", "firefox"];

/** Digests by the name of what ran. */
export type Digests = Map<string, string>;

/** What is wrong with digests that should be one. */
function complaint(digests: Digests): string | undefined {
  if (new Set(digests.values()).size === 1) return undefined;
  return Array.from(digests, ([name, digest]) => `${digest} ${name}`).join("\n") || "there is none";
}

const result = (name: string, error: string | undefined): Result => (error === undefined ? { name } : { name, error });

/** Adds those of V8's compilers to the digests of the hosts and compares; then breaks the build. */
export async function testDigests(
  digests: Digests,
  found: ReadonlyMap<Host, FoundHost>,
  folderOf: (condition: Condition) => string,
): Promise<Result[]> {
  const addDigest = async (node: NodeName, ...flags: string[]): Promise<void> => {
    const command = [binaryOf(node) as string, ...flags];
    const order = { parts: [], digestPrograms: DIGEST_PROGRAMS };
    const { digest } = await runOrder((file) => [...command, file], folderOf("node"), order);
    digests.set([node, ...flags].join(" "), digest ?? "none");
  };
  const own = nodes.filter((name) => digests.has(name));
  if (own.length === 0) await addDigest(ownNode);
  // The compilers of the oldest and of the newest Node, which have least in common.
  const ends = own.length === 0 ? [ownNode] : [...new Set([own[0], own.at(-1) as NodeName])];
  const runs = ends.flatMap((node) => COMPILERS.map((flag) => addDigest(node, flag)));
  await Promise.all(runs);
  const results = [result("the same digest on every host and with each of V8's compilers", complaint(digests))];

  // One host of each kind: several Nodes see no more than one.
  const kinds = new Map([...found.keys()].reverse().map((host) => [host.condition, host]));
  kinds.delete("default");
  const node = kinds.get("node");
  // A logarithm is the same on the same engine: that takes two of them, and most are V8.
  const engines = [...kinds.values()];
  if (engines.some(({ name }) => NOT_V8.includes(name))) results.push(await seesFault("Math.log", engines, found));
  if (node !== undefined) results.push(await seesFault("the clock", [node, node], found));
  return results;
}

/** Whether the digests of a broken build differ, as they should. */
async function seesFault(fault: Fault, hosts: readonly Host[], found: ReadonlyMap<Host, FoundHost>): Promise<Result> {
  const digests: Digests = new Map();
  for (const [index, host] of hosts.entries()) {
    const folder = await bundleSuite(host.condition, fault);
    const outcome = await (found.get(host) as FoundHost).run(folder, { parts: [], digestPrograms: BROKEN_PROGRAMS });
    digests.set(`${host.name} ${index}`, outcome.digest ?? "none");
  }
  const unseen = `the build that is broken by ${fault} has one digest: ${[...digests.values()][0]}`;
  return result(`a build whose order depends on ${fault} is found out`, complaint(digests) ? undefined : unseen);
}
