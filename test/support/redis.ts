// redis-server, with a folder of its own: what it has answered for is still there when it is killed and started again.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "wasyncio";
import { type Running, start } from "./processes.ts";
import { freePort } from "./servers.ts";

export class RedisServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "wasyncio-redis-"));
  #running: Running | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  /** A server on a free port, which listens. */
  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await run(freePort()));
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again, on the same port. */
  async start(): Promise<void> {
    const where = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder];
    const kept = ["--save", "", "--appendonly", "yes", "--appendfsync", "always"];
    this.#running = start(["redis-server", ...where, ...kept], { limit: null });
    await this.#running.wrote("Ready to accept connections");
  }

  /** Ends it at once, as kill -9 does. */
  async kill(): Promise<void> {
    this.#running?.child.kill("SIGKILL");
    await this.#running?.ended;
    this.#running = null;
  }

  /** Ends it, and forgets all. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
