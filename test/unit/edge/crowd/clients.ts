// A crowd of clients: so many requests, so many at once, a part of which is broken off at random.

import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { Random } from "../../../support/random.ts";
import type { Stats } from "./worker.ts";

export interface Crowd {
  readonly requests: number;
  readonly concurrency: number;
  /** Whether each of them has a loop of its own on this host. */
  readonly loop: "request" | "shared";
  /** How many of a hundred are to be broken off; some of them are answered before. */
  readonly percentBrokenOff: number;
  readonly seed: number;
  /** What is asked for, in turn. Default: all that there is. */
  readonly pages?: readonly string[];
}

/** What came of it. */
export interface Visit {
  /** Requests that were answered, and right. */
  readonly right: number;
  /** Requests that were broken off before their answer was there. */
  readonly brokenOff: number;
  /** What was wrong with the others. */
  readonly wrong: readonly string[];
  readonly seconds: number;
}

/** The pages of worker.ts. */
export const PAGES = ["work", "stream", "echo", "background", "upload", "fail", "late"];

/** Sends a crowd to a server. */
export async function visit(url: string, crowd: Crowd): Promise<Visit> {
  const started = performance.now();
  const agent = new Agent({ keepAlive: true, maxSockets: crowd.concurrency });
  const outcomes = { right: 0, brokenOff: 0, wrong: [] as string[] };
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < crowd.requests) {
      const id = next++;
      const outcome = await ask(url, id, agent, crowd);
      if (outcome === "right" || outcome === "brokenOff") outcomes[outcome]++;
      else outcomes.wrong.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: crowd.concurrency }, client));
  agent.destroy();
  return { ...outcomes, seconds: (performance.now() - started) / 1000 };
}

/** One request. What comes back is "right", "brokenOff", or what is wrong. */
async function ask(url: string, id: number, agent: Agent, crowd: Crowd): Promise<string> {
  const { percentBrokenOff, pages = PAGES } = crowd;
  const random = new Random(crowd.seed, id);
  const page = pages[id % pages.length];
  const body = page === "echo" || page === "upload" ? bodyOf(id, random) : null;
  const outgoing = httpRequest(`${url}/${page}/${id}`, { method: body === null ? "GET" : "POST", agent });
  let isBrokenOff = false;
  const breakOff = (): void => {
    isBrokenOff = true;
    outgoing.destroy();
  };
  const isToBreakOff = random.chance(percentBrokenOff);
  const atFirstBytes = random.chance(50);
  const moment = random.below(15);
  // Some as soon as they are sent, which is before any answer, however quick the server is.
  if (isToBreakOff && !atFirstBytes && moment < 10) outgoing.once("finish", breakOff);
  else if (isToBreakOff && !atFirstBytes) setTimeout(breakOff, moment - 10);
  try {
    const answer = await exchange(outgoing, body, random, isToBreakOff && atFirstBytes ? breakOff : null);
    const expected = expectedOf(page, id, body);
    if (answer === expected) return "right";
    return isBrokenOff ? "brokenOff" : `${page} ${id}: expected ${show(expected)}, got ${show(answer)}`;
  } catch (error) {
    return isBrokenOff ? "brokenOff" : `${page} ${id}: ${String(error)}`;
  }
}

const show = (text: string): string => `${text.slice(0, 200)} (${text.length} characters)`;

/** Sends the body in pieces, and gathers the answer. */
function exchange(
  outgoing: ClientRequest,
  body: string | null,
  random: Random,
  onFirstBytes: (() => void) | null,
): Promise<string> {
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("close", () => reject(new Error("ended without an answer")));
    outgoing.on("response", (incoming: IncomingMessage) => {
      let text = `${incoming.statusCode} `;
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => {
        text += chunk;
        onFirstBytes?.();
      });
      incoming.on("error", reject);
      incoming.on("end", () => resolve(text));
    });
    const send = (start: number): void => {
      if (body === null || start >= body.length) {
        outgoing.end();
        return;
      }
      const end = start + 1 + random.below(20_000);
      outgoing.write(body.slice(start, end));
      setImmediate(send, end);
    };
    send(0);
  });
}

/** A body that tells whose it is everywhere. */
function bodyOf(id: number, random: Random): string {
  return `${id},`.repeat(random.below(10_000));
}

function expectedOf(page: string, id: number, body: string | null): string {
  switch (page) {
    case "work":
      return `200 {"id":${id},"sum":3}`;
    case "stream":
      return `200 ${Array.from({ length: 20 }, (_, line) => `${id} ${line}\n`).join("")}`;
    case "echo":
    case "upload":
      return `200 ${body}`;
    case "background":
      return `200 ${id} accepted`;
    case "fail":
      return "500 Internal Server Error";
    default:
      return "504 Gateway Timeout";
  }
}

/** How things stand when all has ended that the crowd has begun; or as they stand after 100 seconds. */
export async function settledStats(url: string, { loop }: Pick<Crowd, "loop">): Promise<Stats> {
  const until = performance.now() + 100_000;
  for (;;) {
    const stats = (await (await fetch(`${url}/stats`)).json()) as Stats;
    const isOver = loop === "request" ? stats.made === stats.closed : stats.slotsLeft === 0;
    if ((isOver && stats.begun === stats.done) || performance.now() > until) return stats;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
