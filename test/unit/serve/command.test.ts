// `wasyncio serve`, in processes of its own, over the built package.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { Agent, type IncomingMessage, get } from "node:http";
import { type Server, createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type EngineName, binaryOf } from "../../../scripts/engines.mjs";
import { type Running, root, run, start } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

const COMMAND = [process.execPath, "dist/cli/main.js"];
const appOf = (name: string): string => `test/unit/serve/apps/${name}`;
const command = (...args: string[]) => run([...COMMAND, ...args]);

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly pid: number;
}

class Service {
  readonly running: Running;
  readonly port: number;
  readonly agent = new Agent({ keepAlive: true, maxSockets: 4 });

  private constructor(running: Running, port: number) {
    this.running = running;
    this.port = port;
  }

  static start(...args: string[]): Promise<Service> {
    return Service.by([...COMMAND, "serve", appOf("app.mjs"), "--port", "0", ...args]);
  }

  static async by(command: readonly string[]): Promise<Service> {
    const running = start(command, { env: { BUN_JSC_useWasmFastMemory: "0" } });
    let port = 0;
    running.child.stderr?.on("data", (chunk: string) => {
      port ||= Number(/listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(chunk)?.[1] ?? 0);
    });
    await running.wrote(/listening on/);
    await until(() => port > 0);
    const service = new Service(running, port);
    services.push(service);
    return service;
  }

  /** Asks for a path: by a connection that is kept, or by one of its own. */
  async ask(path = "/", keeps = false): Promise<Answer> {
    const request = get({ host: "127.0.0.1", port: this.port, path, agent: keeps ? this.agent : false });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      body: await text(response),
      pid: Number(response.headers["x-pid"]),
    };
  }

  signal(name: NodeJS.Signals): void {
    this.running.child.kill(name);
  }

  async ended() {
    this.agent.destroy();
    return await this.running.ended;
  }
}

const services: Service[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) {
    service.signal("SIGTERM");
    service.signal("SIGKILL"); // a supervisor's workers end without it
    await service.ended();
  }
  for (const server of servers.splice(0)) server.close();
});

describe("the command line", () => {
  test("tells its options", async () => {
    expect(await command("serve", "--help")).toMatchObject({
      end: 0,
      stdout: expect.stringContaining("--max-requests"),
    });
  });

  test.each([
    [["serve"], "expected one APP"],
    [["serve", "a.js", "b.js"], "expected one APP"],
    [["serve", "a.js", "--worker", "2"], "--worker"],
    [["serve", "a.js", "--port", "x"], "--port: expected a whole number from 0, got x"],
    [["serve", "a.js", "--port", "70000"], "--port: expected a number up to 65535, got 70000"],
    [["serve", "a.js", "--grace", ""], "--grace: expected a number from 0"],
    [["serve", "a.js", "--workers", "1.5"], "--workers: expected a whole number"],
    [["serve", "a.js", "--workers", "1", "--reload-on", "SIGX"], "there is no signal SIGX"],
    [["serve", "a.js", "--workers", "1", "--reload-on", "SIGTERM"], "--reload-on: SIGTERM ends the process"],
    [["serve", "a.js", "--timeout", "3"], "--timeout needs --workers"],
    [["serve", "a.js", "--health", "healthz"], "--health: expected a path"],
  ])("%j is bad usage", async (args, message) => {
    const { end, stderr, stdout } = await command(...args);
    expect([end, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^wasyncio serve: .*\n\nwasyncio serve --help tells more.\n$/);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe.each([[[]], [["--workers", "2"]]])("with %j, what cannot start is told, once, and ends with 1:", (workers) => {
  test.each([
    ["none.mjs", /Cannot load test\/unit\/serve\/apps\/none.mjs: there is no such file/g],
    ["without-fetch.mjs", /Cannot serve .*without-fetch.mjs: expected `export default \{ fetch \}`/g],
    ["failing.mjs", /Error: no database\n +at Object.startup/g],
    ["null.mjs", /^wasyncio serve: (Cannot start: )?null$/gm],
    ["broken.mjs", /Error: broken at its top\n +at /g],
  ])("%s", async (app, message) => {
    const { end, stderr } = await command("serve", appOf(app), "--port", "0", ...workers);
    expect([end, stderr.match(message)?.length]).toEqual([1, 1]);
  });

  test("a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    const port = String((server.address() as AddressInfo).port);
    const { end, stderr } = await command("serve", appOf("app.mjs"), "--port", port, ...workers);
    expect(end).toBe(1);
    expect(stderr).toContain(`Cannot listen on 127.0.0.1:${port}: the port is in use`);
  });
});

test("an app in TypeScript is served where Node reads it; else it says what to do", async () => {
  const { typescript } = process.features as { typescript?: string | false };
  const running = start([...COMMAND, "serve", appOf("typed.ts"), "--port", "0"]);
  if (typescript === undefined || typescript === false) {
    const { end, stderr } = await running.ended;
    expect([end, stderr]).toEqual([1, expect.stringContaining("TypeScript needs Node 22.18 or newer, or a loader")]);
  } else {
    await running.wrote(/listening on/);
    running.child.kill("SIGTERM");
    expect((await running.ended).end).toBe(0);
  }
});

describe.each<EngineName>(["node24", "node26", "deno", "bun"])("on %s", (engine) => {
  // Outside of the repository: Bun reads in its tsconfig.json that the package is src/, and would load it twice.
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/wasyncio"), "junction");
  cpSync(join(root, appOf("app.mjs")), join(folder, "app.mjs"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const binary = binaryOf(engine);
  const flags = engine === "deno" ? ["run", "--quiet", "--no-lock", "--allow-all"] : [];
  const args = ["dist/cli/main.js", "serve", join(folder, "app.mjs"), "--port", "0"];
  const command = binary === null ? null : [binary, ...flags, ...args];

  test.skipIf(command === null)("one process serves, and ends in order", async () => {
    const service = await Service.by(command ?? []);
    const slow = service.ask("/slow");
    await service.running.wrote(/slow begun/);
    service.signal("SIGTERM");
    expect(await slow).toMatchObject({ status: 200, body: "app" });
    expect(await service.ended()).toMatchObject({ end: 0, stderr: expect.stringMatching(/app \d+ shut down/) });
  });

  test.skipIf(command === null)("workers serve on Node, elsewhere there are none", async () => {
    if (!engine.startsWith("node")) {
      const { end, stderr } = await run([...(command ?? []), "--workers", "2"]);
      expect([end, stderr]).toEqual([1, expect.stringContaining("Cannot use workers: they need node:cluster")]);
      return;
    }
    const service = await Service.by([...(command ?? []), "--workers", "2"]);
    process.kill((await service.ask()).pid, "SIGKILL");
    await service.running.wrote(/serves in its place/);
    service.signal("SIGHUP");
    await service.running.wrote(/ reloaded/);
    expect((await service.ask()).body).toBe("app");
    service.signal("SIGTERM");
    expect((await service.ended()).end).toBe(0);
  });
});

describe("one process", () => {
  test("serves, logs, and ends in order by a signal", async () => {
    const service = await Service.start("--access-log", "--health", "/healthz");
    expect(await service.ask()).toEqual({ status: 200, body: "app", pid: service.running.child.pid });
    expect((await service.ask("/healthz")).body).toBe("ok\n");
    const slow = service.ask("/slow", true);
    await service.running.wrote(/slow begun/);
    service.signal("SIGTERM");
    expect((await slow).status).toBe(200);
    const { end, stdout, stderr } = await service.ended();
    expect(end).toBe(0);
    expect(stderr).toContain("shut down");
    expect(stdout.replaceAll(/\[.*\]/g, "[date]").replaceAll(/\d\.\d{3}$/gm, "time")).toBe(
      '127.0.0.1 - - [date] "GET / HTTP/1.1" 200 3 time\n127.0.0.1 - - [date] "GET /slow HTTP/1.1" 200 3 time\n',
    );
  });

  test("goes on when nobody reads its log any more", async () => {
    const service = await Service.start("--access-log");
    service.running.child.stdout?.destroy();
    for (let i = 0; i < 3; i++) expect((await service.ask()).status).toBe(200);
    service.signal("SIGTERM");
    expect((await service.ended()).end).toBe(0);
  });

  test("ends at once by a second signal", async () => {
    const service = await Service.start("--grace", "600");
    const forever = service.ask("/forever");
    await service.running.wrote(/forever begun/);
    service.signal("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 300));
    service.signal("SIGTERM");
    expect((await forever).status).toBe(500);
    expect((await service.ended()).stderr).toContain("shut down");
  });
});

describe("workers", () => {
  test("serve at one port, and end in order by a signal", async () => {
    const service = await Service.start("--workers", "2");
    const slow = service.ask("/slow");
    await service.running.wrote(/slow begun/);
    service.signal("SIGINT");
    expect((await slow).status).toBe(200);
    const { end, stderr } = await service.ended();
    expect(end).toBe(0);
    expect(stderr.match(/app \d+ shut down/g)).toHaveLength(2);
  });

  test("are ended at once by a second signal", async () => {
    const service = await Service.start("--workers", "2", "--grace", "600");
    const forever = service.ask("/forever").catch((error: NodeJS.ErrnoException) => error.code);
    await service.running.wrote(/forever begun/);
    service.signal("SIGTERM");
    await service.running.wrote(/shutting down/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    service.signal("SIGTERM");
    expect(await forever).toBe("ECONNRESET");
    expect((await service.ended()).end).toBe(143);
  });

  test("that are killed, crash or are blocked are replaced", async () => {
    const service = await Service.start("--workers", "2");
    const isReplaced = (how: string) => service.running.wrote(new RegExp(`${how}[^]*worker \\d+ serves in its place`));
    process.kill((await service.ask()).pid, "SIGKILL");
    await isReplaced("ended: SIGKILL");
    await service.ask("/crash").catch(() => {}); // answered by nobody
    await isReplaced("ended: exit code 7");
    await service.ask("/block").catch(() => {});
    await isReplaced("has not answered for 1 s: its loop is blocked");
    expect((await service.ask()).body).toBe("app");
  });

  test("are replaced by a reload and after their requests, and clients that keep connections lose nothing", async () => {
    const service = await Service.start("--workers", "2", "--max-requests", "300", "--keep-alive", "2");
    const pids = new Set<number>();
    const lost: unknown[] = [];
    let isOn = true;
    let count = 0;
    const client = async (): Promise<void> => {
      while (isOn) {
        try {
          const { pid, status } = await service.ask("/", true);
          pids.add(pid);
          count++;
          if (status !== 200) lost.push(status);
        } catch (error) {
          lost.push(error);
        }
      }
    };
    const clients = Array.from({ length: 4 }, client);
    const replaced = (n: number) => until(() => pids.size >= n);
    await replaced(1);
    service.signal("SIGHUP");
    await service.running.wrote(/ reloaded/);
    await replaced(5); // some by the reload, others that had served enough
    isOn = false;
    await Promise.all(clients);
    expect(lost).toEqual([]);
    expect(count).toBeGreaterThan(600);
    service.signal("SIGTERM");
    const { end, stderr } = await service.ended();
    expect([end, stderr]).toEqual([0, expect.not.stringContaining("ended:")]);
  });

  test("that end soon, always, end the supervisor", async () => {
    const { end, stderr } = await command("serve", appOf("crashing.mjs"), "--port", "0", "--workers", "2");
    expect(end).toBe(1);
    expect(stderr).toContain("Giving up: 5 workers ended within 1 s");
  });

  test("end when their supervisor is killed", async () => {
    const service = await Service.start("--workers", "2");
    const { pid } = await service.ask();
    service.signal("SIGKILL");
    await until(() => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });
});
