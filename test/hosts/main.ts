// `npm run test:hosts`: one suite in each host's real process. Prints a line for each host, and what failed; ends with
// 1 if anything did. A host that is not installed is left out with a word; where `CI` is set, or it was asked for by
// name, that is a failure.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { Certificates } from "../support/certificates.ts";
import { type Condition, bundleSuite, root, work } from "./bundle.ts";
import { DIGEST_PROGRAMS, type Digests, testDigests } from "./digests.ts";
import { PARTS, PART_GAPS, type Part, TEST_GAPS } from "./gaps.ts";
import { type FoundHost, HOSTS, type Host } from "./hosts.ts";
import { testLifetime } from "./lifetime.ts";
import { startHttpPeer } from "../support/http-peer.ts";
import { startPeer } from "./peer.ts";
import type { PartName, Pems } from "./suite/index.ts";
import type { Result } from "./suite/report.ts";

const isInSuite = (part: Part): part is PartName => part !== "digest" && part !== "process";
/** Whether a part uses sockets, or processes. */
const usesSockets = (part: PartName): boolean =>
  ["outsideFacts", "network", "peer", "processes", "client"].includes(part);

/** A line of the table, with what stands behind it. */
interface Row {
  readonly name: string;
  readonly version: string;
  readonly passed: number;
  readonly skipped: readonly string[];
  readonly failed: readonly Result[];
  readonly seconds: number;
}

const names = HOSTS.map(({ name }) => name);
const command = new Command("npm run test:hosts --")
  .description("Runs one suite of tests in the real process of each host.")
  .option("--host <names>", `only these, separated by commas: ${names.join(", ")}`, pick, HOSTS)
  .parse();
const { host: picked } = command.opts<{ host: readonly Host[] }>();
const needsAll = (process.env["CI"] ?? "") !== "" || command.getOptionValueSource("host") === "cli";

function pick(text: string): readonly Host[] {
  const wanted = text.split(",");
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no ${unknown.join(", ")}.`);
  return HOSTS.filter(({ name }) => wanted.includes(name));
}

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
writeFileSync(resolve(work, "tsconfig.json"), "{}"); // Bun would follow the repository's to the sources
const conditions = [...new Set<Condition>(["node", ...picked.map(({ condition }) => condition)])];
const folders = new Map(
  await Promise.all(conditions.map(async (condition) => [condition, await bundleSuite(condition)] as const)),
);
const folderOf = (condition: Condition): string => folders.get(condition) as string;

const found = new Map<Host, FoundHost>();
const missing: Host[] = [];
const digests: Digests = new Map();
let pems: Pems | undefined;
const rows = (await inParallel(picked.map((host) => () => testHost(host)))).filter((row) => row !== null);
rows.push(await timed("digest", `${DIGEST_PROGRAMS} programs`, () => testDigests(digests, found, folderOf)));
print(rows);

/** The row of a host, or null where it is not installed and may be left out. */
async function testHost(host: Host): Promise<Row | null> {
  const instance = await host.find().catch((error: unknown) => String(error));
  if (instance === null && !needsAll) {
    missing.push(host);
    return null;
  }
  if (instance === null || typeof instance === "string") {
    const error = instance ?? `is not installed: ${host.install}`;
    return { name: host.name, version: "", passed: 0, skipped: [], failed: [{ name: host.name, error }], seconds: 0 };
  }
  found.set(host, instance);
  return await timed(host.name, instance.version, async () => {
    const gaps = PART_GAPS.filter((gap) => gap.host === host.name).flatMap(({ parts }) => parts);
    const parts = PARTS.filter((part) => !gaps.includes(part));
    const digestPrograms = parts.includes("digest") ? DIGEST_PROGRAMS : 0;
    const inSuite = parts.filter(isInSuite);
    const folder = folderOf(host.condition);
    const withSockets = inSuite.filter(usesSockets);
    const order = { parts: inSuite.filter((part) => !usesSockets(part)), digestPrograms };
    const { results, digest } = await instance.run(folder, order);
    if (digest !== undefined) digests.set(host.name, digest);
    return [
      ...results,
      ...(withSockets.length > 0 ? await testSockets(instance, folder, withSockets) : []),
      ...(parts.includes("process") ? await testLifetime(host, instance) : []),
    ];
  });
}

/** Runs what uses sockets and processes: apart, because Deno has to allow it. */
async function testSockets(
  instance: FoundHost,
  folder: string,
  parts: readonly PartName[],
): Promise<readonly Result[]> {
  const certificates = (pems ??= makePems());
  const peer = await startPeer(certificates);
  const http = await startHttpPeer();
  const sockets = mkdtempSync(join(tmpdir(), "wasyncio-")); // short: so are the names of Unix sockets
  const { port, securedPort } = peer;
  try {
    const { results } = await instance.run(folder, {
      parts,
      sockets: { folder: sockets, peer: port, securedPeer: securedPort, certificates, http: http.world },
    });
    return results;
  } finally {
    peer.close();
    await http.close();
    rmSync(sockets, { recursive: true, force: true });
  }
}

/** What the hosts' TLS is tried with: made once. */
function makePems(): Pems {
  const certificates = new Certificates();
  try {
    certificates.make("localhost", "DNS:localhost");
    certificates.make("client", "DNS:client.test");
    return {
      authority: certificates.text("authority.pem"),
      certificate: certificates.text("localhost.pem"),
      key: certificates.text("localhost.key"),
      clientCertificate: certificates.text("client.pem"),
      clientKey: certificates.text("client.key"),
    };
  } finally {
    certificates.remove();
  }
}

/** A row of tests, with their time. */
async function timed(name: string, version: string, body: () => Promise<readonly Result[]>): Promise<Row> {
  const started = performance.now();
  let results: readonly Result[];
  try {
    results = await body();
  } catch (error) {
    results = [{ name: "the run", error: String(error) }];
  }
  const seconds = (performance.now() - started) / 1000;
  const row = judge(name, results);
  console.log(`${name}: ${row.passed} passed, ${row.failed.length} failed, ${seconds.toFixed(1)} s`);
  return { name, version, ...row, seconds };
}

/** Sorts out what is known to fail. */
function judge(name: string, results: readonly Result[]): Pick<Row, "passed" | "skipped" | "failed"> {
  const gaps = TEST_GAPS.filter(({ host }) => host === name);
  const isKnown = (result: Result): boolean => gaps.some(({ tests }) => tests.test(result.name));
  const failures = results.filter(({ error }) => error !== undefined);
  const closed = gaps
    .filter(({ tests }) => {
      const concerned = results.filter((result) => tests.test(result.name));
      return concerned.length > 0 && concerned.every(({ error }) => error === undefined);
    })
    .map(({ tests }) => ({ name: String(tests), error: "is no gap any more: take it out of gaps.ts" }));
  return {
    passed: results.length - failures.length,
    skipped: failures.filter(isKnown).map((result) => result.name),
    failed: [...failures.filter((result) => !isKnown(result)), ...closed],
  };
}

/** Does as many pieces of work at once as there are processors. Gives what they gave, in order. */
async function inParallel<T>(works: readonly (() => Promise<T>)[]): Promise<T[]> {
  const outcomes: T[] = [];
  const queue = [...works.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) outcomes[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: Math.min(4, cpus().length) }, worker));
  return outcomes;
}

function print(rows: readonly Row[]): void {
  const cells = rows.map(({ name, version, passed, skipped, failed, seconds }) => [
    name,
    version,
    String(passed),
    String(skipped.length),
    String(failed.length),
    seconds.toFixed(1),
  ]);
  const lines = [["host", "version", "passed", "skipped", "failed", "seconds"], ...cells];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell: string, column: number): string =>
    column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  console.log(`\n${lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n")}\n`);
  for (const { name, install } of missing) console.log(`not run: ${name} is not installed (${install})`);
  const ran = ({ host }: { host: string }): boolean => rows.some(({ name }) => name === host);
  for (const { host, parts, because } of PART_GAPS.filter(ran)) {
    console.log(`not run on ${host}: ${parts.join(", ")}: ${because}`);
  }
  for (const { host, tests, because } of TEST_GAPS.filter(ran)) {
    console.log(`skipped on ${host}: ${tests.source}: ${because}`);
  }
  console.log(`digest: ${[...new Set(digests.values())].join(", ")}`);
  for (const { name, failed } of rows) {
    for (const result of failed) console.log(`\nFAILED on ${name}: ${result.name}\n${result.error}`);
  }
  const [passed, failed] = [
    rows.reduce((sum, row) => sum + row.passed, 0),
    rows.reduce((sum, row) => sum + row.failed.length, 0),
  ];
  writeFileSync(resolve(root, "build/hosts.json"), JSON.stringify({ passed, failed }));
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
