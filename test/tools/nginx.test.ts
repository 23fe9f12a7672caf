// The client with nginx at the other end: connections that are kept, compression, redirects, ranges, large bodies.

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Coroutine, forEach, gather, run, sleep, timeout } from "wasyncio";
import { ClientConnectionError, ClientSession, TooManyRedirects } from "wasyncio/client";
import { testWith, withFolder, withProgram } from "./tool.ts";

const test = testWith("nginx");
const MEGABYTE = 1_048_576;
const TEXT = "a line of text\n".repeat(10_000);

const configuration = (folder: string, port: number): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  default_type text/plain;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  keepalive_requests 10;
  gzip on; gzip_types text/plain; gzip_min_length 100;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/files;
    client_max_body_size 0;
    location = /number { add_header X-Connection "$connection $connection_requests"; return 200 "number"; }
    location = /moved { return 301 /text; }
    location = /around { return 302 /around; }
    location = /limited { limit_rate 20k; alias ${folder}/files/big; }
    location = /upload { proxy_request_buffering off; proxy_pass http://127.0.0.1:${port}/length; }
    location = /length { return 200 "$http_content_length"; }
  }
}
`;

/** A port that nobody listens on now. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Runs a program with a session for nginx, which runs as long. */
async function withNginx<T>(program: (session: ClientSession) => Coroutine<T>): Promise<T> {
  return await withFolder(async (folder) => {
    const port = await freePort();
    mkdirSync(join(folder, "files"));
    writeFileSync(join(folder, "files/text"), TEXT);
    writeFileSync(join(folder, "files/big"), Buffer.alloc(30 * MEGABYTE, "b"));
    writeFileSync(join(folder, "nginx.conf"), configuration(folder, port));
    const command = ["nginx", "-p", folder, "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")];
    return await withProgram(command, () =>
      run(() =>
        new ClientSession({ baseUrl: `http://127.0.0.1:${port}` }).with(function* (session) {
          yield* untilAnswered(session);
          return yield* program(session);
        }),
      ),
    );
  });
}

function* untilAnswered(session: ClientSession): Coroutine<void> {
  for (;;) {
    try {
      return yield* session.get("/length").with(function* (response) {
        yield* response.read();
      });
    } catch (error) {
      if (!(error instanceof ClientConnectionError)) throw error;
      yield* sleep(0.02);
    }
  }
}

describe("nginx", () => {
  test("keeps connections, and the client sees when it ends one", async () => {
    const connections = await withNginx(function* (session) {
      const seen: string[] = [];
      for (let i = 0; i < 40; i++) {
        seen.push(
          yield* session.get("/number").with(function* ({ headers }) {
            return headers.get("x-connection")?.split(" ")[0] ?? "";
          }),
        );
      }
      return new Set(seen).size;
    });
    expect(connections).toBe(5); // ten requests each; the first one had one already
  });

  test("compresses, and the client decompresses", async () => {
    const results = await withNginx((session) =>
      session.get("/text").with(function* (response) {
        return [response.headers.get("content-encoding"), (yield* response.text()) === TEXT];
      }),
    );
    expect(results).toEqual(["gzip", true]);
  });

  test("sends what was asked for as it is, when it is not to be decompressed", async () => {
    const results = await withNginx((session) =>
      session.get("/text", { autoDecompress: false }).with(function* (response) {
        const bytes = yield* response.read();
        return [bytes[0], bytes[1], bytes.length < TEXT.length];
      }),
    );
    expect(results).toEqual([0x1f, 0x8b, true]);
  });

  test("redirects, and in a circle", async () => {
    const results = await withNginx(function* (session) {
      const path = yield* session.get("/moved").with(function* ({ url, history }) {
        return [url.pathname, history.length];
      });
      try {
        yield* session.get("/around").with((response) => response.read());
      } catch (error) {
        if (!(error instanceof TooManyRedirects)) throw error;
        return [...path, error.history.length];
      }
      return path;
    });
    expect(results).toEqual(["/text", 1, 10]);
  });

  test("gives ranges", async () => {
    const results = await withNginx((session) =>
      session
        .get("/big", { headers: { Range: "bytes=10-19", "Accept-Encoding": "identity" } })
        .with(function* (response) {
          return [response.status, response.headers.get("content-range"), (yield* response.read()).length];
        }),
    );
    expect(results).toEqual([206, `bytes 10-19/${30 * MEGABYTE}`, 10]);
  });

  test("sends 30 MB to each of four, and takes 20 MB", async () => {
    const results = await withNginx(function* (session) {
      const download = (): Coroutine<number> =>
        session.get("/big").with(function* ({ content }) {
          let length = 0;
          yield* forEach(content.iterAny(), (chunk) => void (length += chunk.length));
          return length;
        });
      const lengths = yield* gather([1, 2, 3, 4].map(download));
      const upload = yield* session
        .post("/upload", { data: new Uint8Array(20 * MEGABYTE) })
        .with((response) => response.text());
      return [...lengths, Number(upload)];
    });
    expect(results).toEqual([...Array<number>(4).fill(30 * MEGABYTE), 20 * MEGABYTE]);
  });

  test("is left in the middle of a body by a timeout", async () => {
    const name = await withNginx(function* (session) {
      try {
        yield* timeout(0.2).with(() => session.get("/limited").with((response) => response.read()));
      } catch (error) {
        yield* session.get("/number").with((response) => response.read());
        return (error as Error).name;
      }
      return "nothing";
    });
    expect(name).toBe("TimeoutError");
  });
});
