// A service of several workers under load: what reloads, killed workers and blocked ones cost its clients.
//
// Each client has one connection at a time, and asks again and again. A request that fails was in a process that was
// killed: one that has answered on this connection before, or, on a new connection, one that was killed while the
// request was under way. Every other failure is a request lost.

import { spawn } from "node:child_process";
import { Agent, type IncomingMessage, get } from "node:http";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** How often each thing happens, and to whom. */
export interface Plan {
  readonly reloads: number;
  readonly kills: number;
  readonly blocks: number;
  readonly workers: number;
  readonly clients: number;
}

/** What came of it. */
export interface Outcome {
  readonly answers: number;
  /** Requests that were in a process when it was killed. */
  readonly cut: number;
  /** All others that were not answered: none. */
  readonly lost: readonly string[];
  /** Seconds until a worker that was blocked had been replaced: the longest. */
  readonly slowest: number;
  /** The exit code of the service. */
  readonly code: number;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Seconds after which a request counts as lost. */
const LIMIT = 60;

/** What the service tells its operator. */
class Reports {
  readonly #counts = new Map<string, number>();
  readonly #lines: string[] = [];
  #wake: () => void = () => {};

  note(line: string): void {
    this.#lines.push(line);
    for (const text of ["reloaded", "serves in its place"])
      if (line.includes(text)) this.#counts.set(text, this.count(text) + 1);
    this.#wake();
  }

  count(text: string): number {
    return this.#counts.get(text) ?? 0;
  }

  /** Waits until a line has a text that is searched for, and gives the match. */
  async until<T>(find: (lines: readonly string[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.#lines);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Waits until something was told so often. */
  async times(text: string, count: number): Promise<void> {
    await this.until(() => (this.count(text) >= count ? true : undefined));
  }
}

class Clients {
  readonly #port: number;
  readonly #killed = new Map<number, number>();
  /** The process that has answered on a connection. */
  readonly #processOf = new WeakMap<Socket, number>();
  readonly lost: string[] = [];
  answers = 0;
  cut = 0;
  /** The process that has answered last. */
  latest = 0;
  #isOn = true;

  constructor(port: number) {
    this.#port = port;
  }

  kill(pid: number): void {
    this.#killed.set(pid, performance.now());
    process.kill(pid, "SIGKILL");
  }

  /** A process ended that nobody killed from here: its loop was blocked. */
  noteEnd(pid: number): void {
    this.#killed.set(pid, performance.now());
  }

  /** Lets clients ask until `stop`. */
  async run(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, i) => this.#client(i % 5 === 0 ? "/slow" : "/")));
  }

  stop(): void {
    this.#isOn = false;
  }

  /** Asks once, on a connection of its own. */
  async ask(path: string): Promise<void> {
    await answerOf(get({ host: "127.0.0.1", port: this.#port, path, agent: false }));
  }

  async #client(path: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (this.#isOn) {
      const begun = performance.now();
      const request = get({ host: "127.0.0.1", port: this.#port, path, agent, timeout: LIMIT * 1000 });
      request.on("timeout", () => request.destroy(new Error(`no answer in ${LIMIT} s`)));
      let socket: Socket | null = null;
      request.once("socket", (given) => (socket = given));
      try {
        const pid = await answerOf(request);
        if (socket !== null) this.#processOf.set(socket, pid);
        this.latest = pid;
        this.answers++;
      } catch (error) {
        await new Promise((resolve) => setTimeout(resolve, 20)); // the end of a process may be told late
        const pid = socket === null ? undefined : this.#processOf.get(socket);
        const { code, message } = error as NodeJS.ErrnoException;
        const wasKilled =
          pid === undefined
            ? code !== "ECONNREFUSED" && [...this.#killed.values()].some((time) => time >= begun)
            : this.#killed.has(pid);
        if (wasKilled) this.cut++;
        else this.lost.push(`${path} on ${pid === undefined ? "a new connection" : `one of ${pid}`}: ${message}`);
      }
    }
    agent.destroy();
  }
}

/** The process that has answered. Throws when there is no whole answer. */
async function answerOf(request: ReturnType<typeof get>): Promise<number> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  return Number(response.headers["x-pid"]);
}

/** Plays a plan; `note` is told of each part. */
export async function playService(plan: Plan, note: (line: string) => void): Promise<Outcome> {
  // Node's clients keep no connection that its server keeps for a second.
  const args = ["serve", "test/soak/serve-app.mjs", "--port", "0", "--keep-alive", "2"];
  const child = spawn(process.execPath, ["dist/cli/main.js", ...args, "--workers", String(plan.workers)], {
    cwd: root,
    stdio: ["ignore", "inherit", "pipe"],
  });
  const ended = once(child, "exit");
  const reports = new Reports();
  const lines = createInterface(child.stderr);
  const find = (pattern: RegExp) =>
    reports.until((all) => all.map((line) => pattern.exec(line)).findLast((match) => match !== null));
  lines.on("line", (line) => reports.note(line));
  const port = Number((await find(/listening on .*:(\d+)/))[1]);
  const clients = new Clients(port);
  lines.on("line", (line) => {
    const pid = /worker (\d+) has not answered/.exec(line)?.[1];
    if (pid !== undefined) clients.noteEnd(Number(pid));
  });
  const running = clients.run(plan.clients);

  const steady = async (): Promise<void> => {
    const { answers } = clients;
    while (clients.answers < answers + 20 * plan.clients) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const part = async (name: string, count: number, play: () => Promise<void>): Promise<void> => {
    const before = { answers: clients.answers, cut: clients.cut, lost: clients.lost.length };
    for (let i = 0; i < count; i++) {
      await steady();
      await play();
    }
    const [answers, cut, lost] = [
      clients.answers - before.answers,
      clients.cut - before.cut,
      clients.lost.length - before.lost,
    ];
    note(`${count} ${name}: ${answers} answers, ${cut} cut with their process, ${lost} lost`);
  };

  await part("reloads", plan.reloads, async () => {
    const count = reports.count("reloaded");
    child.kill("SIGHUP");
    await reports.times("reloaded", count + 1);
  });
  await part("workers killed", plan.kills, async () => {
    const count = reports.count("serves in its place");
    clients.kill(clients.latest);
    await reports.times("serves in its place", count + 1);
  });
  let slowest = 0;
  await part("workers blocked", plan.blocks, async () => {
    const count = reports.count("serves in its place");
    const begun = performance.now();
    await clients.ask("/block").catch(() => {}); // answered by nobody
    await reports.times("serves in its place", count + 1);
    slowest = Math.max(slowest, (performance.now() - begun) / 1000);
  });

  await steady();
  clients.stop();
  await running;
  child.kill("SIGTERM");
  const [code] = (await ended) as [number];
  return { answers: clients.answers, cut: clients.cut, lost: clients.lost, slowest, code };
}
