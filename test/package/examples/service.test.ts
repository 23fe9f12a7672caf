// The service that docs/guide.md builds, in a process of its own on each host that it is for: traces, limits, drain.

import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { binaryOf } from "../../../scripts/engines.mjs";
import { type Running, root, start } from "../../support/processes.ts";

const COMMANDS: Readonly<Record<string, readonly (string | null)[]>> = {
  node: [process.execPath, "scripts/run-ts.mjs"],
  deno: [binaryOf("deno"), "run", "--quiet", "--no-lock", "--no-prompt", "--allow-net", "--allow-env=PORT,DEADLINE"],
  bun: [binaryOf("bun")],
};

interface Line {
  readonly trace: string | null;
  readonly event: string;
  readonly url?: string;
  readonly status?: number;
  readonly error?: string;
}

class Service {
  readonly process: Running;
  #stdout = "";

  constructor(host: string, settings: Record<string, string> = {}) {
    const command = COMMANDS[host] as readonly string[];
    const env = { PORT: "0", BUN_JSC_useWasmFastMemory: "0", ...settings };
    this.process = start([...command, join(root, "examples/service.ts")], { env });
    this.process.child.stdout?.on("data", (chunk: string) => (this.#stdout += chunk));
  }

  get log(): Line[] {
    const whole = this.#stdout.slice(0, this.#stdout.lastIndexOf("\n") + 1);
    return whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  }

  /** The events of one trace. */
  events(trace: string | null): string[] {
    return this.log.filter((line) => line.trace === trace).map(({ event }) => event);
  }

  async url(): Promise<string> {
    await this.process.wrote(/"listening".*\n/);
    return this.log[0].url as string;
  }
}

let service: Service;
afterEach(() => void service.process.child.kill("SIGKILL"));

const traceOf = (digit: number): string => String(digit).repeat(32);
const tracedBy = (digit: number) => ({ headers: { traceparent: `00-${traceOf(digit)}-${"a".repeat(16)}-01` } });

describe.each(Object.keys(COMMANDS))("on %s", (host) => {
  test("each line has the trace of its request, whoever has the permit before it", async () => {
    service = new Service(host);
    const url = await service.url();
    const answers = [1, 2, 3].map(async (digit) => {
      const response = await fetch(`${url}/report?pages=${digit}`, tracedBy(digit));
      return [response.status, await response.text()];
    });
    expect(await Promise.all(answers)).toEqual([
      [200, "page 1\n"],
      [200, "page 1\npage 2\n"],
      [200, "page 1\npage 2\npage 3\n"],
    ]);
    service.process.child.kill("SIGTERM");
    expect((await service.process.ended).end).toBe(0);
    for (const digit of [1, 2, 3])
      expect(service.events(traceOf(digit))).toEqual(["request", "printer is free", "answer", "recorded"]);
    expect(service.events(null)).toEqual(["listening", "draining", "closed"]);
  });

  test("SIGTERM lets a request under way be answered, and what it left behind be done", async () => {
    service = new Service(host);
    const url = await service.url();
    const answer = fetch(`${url}/report?pages=20`, tracedBy(7));
    await service.process.wrote(new RegExp(`${traceOf(7)}.*"request"`));
    service.process.child.kill("SIGTERM");
    await service.process.wrote(/"draining"/);
    await expect(fetch(`${url}/report`)).rejects.toThrow("fetch failed");
    expect(await (await answer).text()).toMatch(/^page 1\n[^]*page 20\n$/);
    expect(await service.process.ended).toMatchObject({ end: 0, stderr: "" });
    expect(service.log.map(({ trace, event }) => `${trace?.[0] ?? "-"} ${event}`)).toEqual([
      "- listening",
      "7 request",
      "- draining",
      "7 printer is free",
      "7 answer",
      "7 recorded",
      "- closed",
    ]);
  });

  test("a report that is too late gives its printer back", async () => {
    service = new Service(host, { DEADLINE: "0.3" });
    const url = await service.url();
    const late = await fetch(`${url}/report?pages=1000`, tracedBy(4));
    expect(late.status).toBe(504);
    service.process.child.kill("SIGINT");
    expect((await service.process.ended).end).toBe(0);
    expect(service.events(traceOf(4)).sort()).toEqual(["answer", "printer is free", "request"]);
  });

  test("a client that goes away ends its report", async () => {
    service = new Service(host, { DEADLINE: "1000" });
    const url = await service.url();
    const controller = new AbortController();
    const gone = fetch(`${url}/report?pages=9999`, { ...tracedBy(5), signal: controller.signal });
    await service.process.wrote(new RegExp(`${traceOf(5)}.*"request"`));
    controller.abort();
    await expect(gone).rejects.toThrow(/abort/);
    await service.process.wrote(new RegExp(`${traceOf(5)}.*499`));
    service.process.child.kill("SIGINT");
    expect((await service.process.ended).end).toBe(0);
  });

  test("what is no request of its kind gets an answer that says so, and a trace of its own", async () => {
    service = new Service(host);
    const url = await service.url();
    const get = async (path: string, traceparent: string): Promise<number> =>
      (await fetch(url + path, { headers: { traceparent } })).status;
    const statuses = [await get("/report?pages=0", "x"), await get("/report?pages=a", "00-1"), await get("/", "")];
    expect(statuses).toEqual([400, 400, 404]);
    service.process.child.kill("SIGTERM");
    await service.process.ended; // then all that it has written is here
    const traces = service.log.filter(({ event }) => event === "request").map(({ trace }) => trace);
    expect(traces).toEqual(traces.map(() => expect.stringMatching(/^[0-9a-f]{32}$/) as string));
    expect(new Set(traces).size).toBe(3);
  });

  test("a port that there cannot be ends it with an error that names it", async () => {
    service = new Service(host, { PORT: "high" });
    const { end, stderr, stdout } = await service.process.ended;
    expect({ end, stdout }).toEqual({ end: 1, stdout: "" });
    expect(stderr).toMatch(/RangeError: Invalid port: NaN/);
  });
});
