// Plays a scenario between two ends.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Conversation } from "./conversations.ts";
import { inJavaScript } from "../facts/words.ts";
import { type End, type Kind, type Trace, type Traces, summed } from "./end.ts";
import type { Scenario, Step, Who } from "./scenarios.ts";

export interface Place {
  readonly kind: Kind;
  /** Which end listens. */
  readonly server: Who;
}

/** What both ends have seen. */
export interface Outcome {
  readonly tested: Summary;
  readonly peer: Summary;
}

interface Summary {
  /** Each trace with the number of connections that had it. */
  readonly connections: readonly (readonly [count: number, trace: Trace])[];
  readonly own: Trace;
}

/** Connections that are made at a time: fewer than wait to be accepted. */
const BATCH = 50;

type Entry = readonly unknown[];

export async function play(scenario: Scenario, ends: Readonly<Record<Who, End>>, place: Place): Promise<Outcome> {
  const folder = place.kind === "unix" ? mkdtempSync(join(tmpdir(), "wasyncio-")) : null;
  let missing: string | null = null;
  try {
    const { count = 1 } = scenario;
    const client: Who = place.server === "tested" ? "peer" : "tested";
    const path = folder === null ? null : join(folder, "socket");
    const address = await ends[place.server].listen(place.kind, path, scenario[place.server] ?? {});
    for (let made = 0; made < count; made += BATCH) {
      const size = Math.min(BATCH, count - made);
      await ends[client].connect(place.kind, address, scenario[client] ?? {}, size);
      await ends[place.server].until("made", 1, made + size);
    }
    const last: Step[] = [
      ["tested", "until", "lost", 1],
      ["peer", "until", "lost", 1],
    ];
    for (const step of [...scenario.steps, ...last]) {
      if ((await perform(ends[step[0]], step, count)) !== false) continue;
      missing = JSON.stringify(step);
      break;
    }
    const [tested, peer] = [await ends.tested.finish(), await ends.peer.finish()];
    const outcome = { tested: summaryOf(tested, scenario), peer: summaryOf(withoutReturn(peer), scenario) };
    if (missing !== null) throw new Error(`Nothing happens after ${missing}: ${JSON.stringify(outcome)}`);
    return outcome;
  } catch (error) {
    await Promise.all([ends.tested.finish(), ends.peer.finish()]);
    throw error;
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true });
  }
}

function perform(end: End, [, what, ...args]: Step, count: number): Promise<boolean | void> {
  if (what === "do") return end.do(...(args as Parameters<End["do"]>));
  if (what === "until") return end.until(...(args as [never, number]), count);
  return end.rest(args[0] as number);
}

/** What comes of connecting to where nobody listens any more, or never has. */
export async function playRefusals(tested: End, server: End): Promise<Trace> {
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  try {
    const port = await server.listen("tcp", null, {});
    await server.stop();
    await tested.connect("tcp", port, {});
    await server.finish();
    const path = await server.listen("unix", join(folder, "socket"), {});
    await server.stop();
    writeFileSync(join(folder, "file"), "");
    const others = ["missing", "missing/socket", "file", "x".repeat(200)];
    for (const each of [path as string, ...others.map((name) => join(folder, name))])
      await tested.connect("unix", each, {});
    await server.finish();
    return inJavaScript((await tested.finish()).own) as Trace;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a conversation gives with streams at the tested end. */
export async function converse(
  { limit = 65_536, peer, operations, isEither = false }: Conversation,
  ends: Readonly<Record<Who, End>>,
  kind: Kind,
): Promise<Trace> {
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  try {
    const address = await ends.peer.listen(kind, join(folder, "socket"), peer);
    const results = await ends.tested.converse(kind, address, limit, operations);
    const isLoss = (result: unknown): boolean => /^(BrokenPipe|ConnectionReset)Error$/.test(String(result));
    return isEither ? results.map(([name, result]) => [name, isLoss(result) ? "lost" : result]) : results;
  } finally {
    await ends.peer.finish();
    rmSync(folder, { recursive: true });
  }
}

/** What was seen with CPython at the tested end, in the words of JavaScript. */
export function inOurWords({ tested, peer }: Outcome): Outcome {
  const words = ({ connections, own }: Summary): Summary =>
    ({ connections: inJavaScript(connections), own: inJavaScript(own) }) as Summary;
  return { tested: words(tested), peer: words(peer) };
}

/** When `createConnection` returns at the peer is the peer's matter. */
function withoutReturn({ connections, own }: Traces): Traces {
  return { connections: connections.map((trace) => trace.filter(([event]) => event !== "connected")), own };
}

function summaryOf({ connections, own }: Traces, { isInterleaved = false }: Scenario): Summary {
  const counts = new Map<string, number>();
  for (const trace of connections) {
    const text = JSON.stringify(isInterleaved ? summed(trace.toSorted(dataFirst)) : trace);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return {
    connections: [...counts].map(([text, count]) => [count, JSON.parse(text) as Trace] as const),
    own: own.map(withoutCallback),
  };
}

const dataFirst = (a: Entry, b: Entry): number => Number(b[0] === "data") - Number(a[0] === "data");

/** A report without the text of the callback. */
function withoutCallback([kind, message, error]: Entry): Entry {
  return [kind, String(message).replace(/^(Exception in callback).*/, "$1"), error];
}
