// Every small program prints what the block at its end says, and the table of them is complete.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled } from "../../support/installed.ts";
import { POSTGRES, type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { root, run, start } from "../../support/processes.ts";
import { RedisServer } from "../../support/redis.ts";
import { testWith } from "../../tools/tool.ts";
import { runExample, runExampleIn } from "./support.ts";

const folder = join(root, "examples");
/** Names of programs, such as "sync/lock.ts", with their texts. */
const programs = new Map(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /^(?!crawl|browser|name-server|service|web-socket)[\w-]+\/[\w-]+\.ts$/.test(name))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);
const withPostgres = [...programs.keys()].filter((name) => textOf(name).includes('"wasyncio/postgres"'));
const withRedis = [...programs.keys()].filter((name) => textOf(name).includes('"wasyncio/bullmq"'));
const withServers = [...withPostgres, ...withRedis];
const byThemselves = [...programs.keys()].filter(
  (name) =>
    !withServers.includes(name) &&
    /"(node:|wasyncio\/(node-http|subprocess|executors|multiprocessing|client))/.test(textOf(name)),
);
const others = [...programs.keys()].filter((name) => ![...withServers, ...byThemselves].includes(name));

function textOf(program: string): string {
  return programs.get(program) as string;
}

/** The comment block behind "Prints:". */
function promisedOutput(program: string): string {
  const [, block = ""] = textOf(program).split("\n// Prints:\n");
  return block.replaceAll(/^\/\/ ?/gm, "");
}

describe("on a clock that jumps", () => {
  let printed: Record<string, string> = {};

  beforeAll(async () => {
    const player = [process.execPath, "scripts/run-ts.mjs", "test/package/examples/player.ts"];
    const { end, stdout, stderr } = await run([...player, ...others]);
    expect({ end, stderr }).toEqual({ end: 0, stderr: "" });
    printed = JSON.parse(stdout) as Record<string, string>;
  });

  test.each(others)("%s prints what it says", (program) => {
    expect(printed[program]).toBe(promisedOutput(program));
  });
});

describe.concurrent("in a process of its own", () => {
  test.each(["coroutines/hello.ts", ...byThemselves])("%s prints what it says", async (program) => {
    expect(await runExample(program)).toEqual({ end: 0, stderr: "", stdout: promisedOutput(program) });
  });
});

const notInstalled = isInstalled(POSTGRES) ? "" : " (PostgreSQL is not installed)";

describe.skipIf(notInstalled !== "")(`with a database${notInstalled}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test.each(withPostgres)("%s prints what it says", async (program) => {
    const place = { PGHOST: "127.0.0.1", PGPORT: String(server.port), PGUSER: "postgres", PGDATABASE: "postgres" };
    expect(await runExampleIn(place, program)).toEqual({ end: 0, stderr: "", stdout: promisedOutput(program) });
  });
});

describe.each(withRedis)("with Redis, and a worker that loads it", (program) => {
  const [, queue = ""] = /queue: "(\w+)"/.exec(textOf(program)) ?? [];

  testWith("redis-server")(`${program} prints what it says`, async () => {
    const redis = await RedisServer.start();
    const node = [process.execPath, "--import", "./scripts/typescript.mjs"];
    const file = `examples/${program}`;
    const options = { env: { REDIS_URL: redis.url } };
    const worker = start([...node, "dist/cli/main.js", "worker", "--queue", queue, file], options);
    const ended = await start([...node, file], options).ended;
    expect(ended).toEqual({ end: 0, stderr: "", stdout: promisedOutput(program) });
    worker.child.kill("SIGTERM");
    expect(await worker.ended).toMatchObject({ end: 0, stdout: "" }); // it has not run the program itself
    await redis.stop();
  });
});

describe("the table in examples/README.md", () => {
  const rows = [
    ...readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| \[(.*?)\]\((.*?)\) \| (.*?) \| (.*) \|$/gm),
  ];

  test("has each program once", () => {
    expect(rows.map(([, , path]) => path).sort()).toEqual([...programs.keys()].sort());
    expect(programs.size).toBeGreaterThan(30);
  });

  test.each(rows.map(([, name, path, what, names]) => [path, { name, what, names }] as const))(
    "says what %s says of itself, and which names are in it",
    (path, { name, what, names }) => {
      const text = textOf(path);
      expect(path.split("/")[1]).toBe(name);
      expect(text.slice(0, text.indexOf("\n"))).toBe(`// ${what}.`);
      const imports = [...text.matchAll(/^import \{([^}]*)\} from "wasyncio/gm)].flatMap(([, list = ""]) =>
        list.split(","),
      );
      const values = imports.map((each) => each.trim()).filter((each) => each !== "" && !each.startsWith("type "));
      expect(names.split(", ").sort()).toEqual(values.map((each) => `\`${each}\``).sort());
    },
  );
});
