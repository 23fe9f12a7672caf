// The package in projects that need no bundler: Node by import and by require(), Deno, Bun.

import { readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { doors } from "../../../scripts/doors.mjs";
import { expected } from "./expected.ts";
import { type Project, createProject, engine, javaScript, repository, tool, typeScript } from "./project.ts";

/** Asks the engine itself what file it takes for the host: those of Node and Bun do the same. */
const ASK = `import { createRequire } from "node:module";
const installed = createRequire(import.meta.url).resolve("wasyncio");
console.log(createRequire(installed).resolve("#host"));
`;

/** Answers a request of its own, over a socket. */
const SERVER = `import { run, sleep } from "wasyncio";
import { ClientSession } from "wasyncio/client";
import { handler } from "wasyncio/edge";
import { serve } from "wasyncio/node-http";

const answer = handler(function* (request) {
  yield* sleep(0.001);
  return new Response("answer to " + new URL(request.url).pathname);
});
const server = await serve(answer, { host: "127.0.0.1" });
const session = new ClientSession({ baseUrl: server.url });
console.log(await run(() => session.with(() => session.get("/question").with((response) => response.text()))));
await server.close();
`;

/** An app that is served until it has answered itself. */
const SERVED = `import { run, sleep } from "wasyncio";
import { serveApp } from "wasyncio/serve";

const app = {
  *fetch(request) {
    yield* sleep(0.001);
    return new Response("answer to " + new URL(request.url).pathname);
  },
  shutdown: () => console.log("closed"),
};
const ask = async ({ url }) => {
  console.log(await (await fetch(url + "/question")).text());
  process.kill(process.pid, "SIGTERM");
};
await run(() => serveApp(app, { port: 0, onListening: ask }));
`;

/** A test whose body is simulated. */
const SIMULATED = `import { expect } from "vitest";
import { sleep } from "wasyncio";
import { test } from "wasyncio/vitest";

test.simulated("an hour", { runs: 10 }, function* () {
  expect(yield* sleep(3600, "value")).toBe("value");
});
`;

/** A configuration of ESLint, and a program with a mistake. */
const LINTED = {
  "eslint.config.js": `import wasyncio from "wasyncio/eslint";\nexport default [wasyncio.configs.recommended];\n`,
  "main.js": `import { sleep } from "wasyncio";\nexport function* main() {\n  sleep(1);\n}\n`,
};

/** Draws a run, as a trace and as a page. */
const DRAWN = `import { sleep } from "wasyncio";
import { simulate } from "wasyncio/testing";
import { toTimeline, toTimelinePage } from "wasyncio/timeline";

const { log } = simulate(() => sleep(3600));
const slices = toTimeline(log).traceEvents.filter(({ ph }) => ph === "X");
console.log(slices.map(({ name }) => name).join(", "));
console.log(/<title>(.*)<.title>/.exec(toTimelinePage(log, { title: "an hour" }))[1]);
`;

/** An async function, as it is lowered. */
const LOWERED = `import { run, sleep } from "wasyncio/async";
import { Promise, await_, run as start } from "wasyncio/lowered";
import { setTimeout } from "wasyncio/lowered-timers";

const main = () => start(function* () {
  yield* await_(setTimeout(1));
  const words = yield* await_(Promise.all([sleep(0.002, "two"), sleep(0.001, "one")]));
  return words.join();
}(), "main");
console.log(await run(main));
`;

/** Lowers an async function, after the hooks that lower files as they are loaded. */
const LOWERING = `import { registered } from "wasyncio/register";
import { lowerAsync } from "wasyncio/transform";

const { code } = lowerAsync("export async function f() {}", { file: "f.js" });
console.log(registered.packages.join(), code.includes('from "wasyncio/lowered"'));
`;

/** A job for a queue, in virtual time: there is no Redis. */
const QUEUED = `import { BullMQExecutor } from "wasyncio/bullmq";
import { job } from "wasyncio/executors";
import { simulate } from "wasyncio/testing";

const double = job(import.meta, function double(value) {
  return 2 * value;
});
console.log(simulate(() => new BullMQExecutor({ queue: "jobs" }).with((cluster) => cluster.submit(double, 21))).value);
`;

const ASKED = `import { run } from "wasyncio";
import { connect } from "wasyncio/postgres";

await run(() => connect({ host: "127.0.0.1", port: 1 })).catch((error) => {
  console.log(error.name, error.code);
});
`;

/** The name of the host's folder. */
async function hostOf(project: Project, ...command: string[]): Promise<string> {
  project.write("ask.js", ASK);
  return basename(dirname((await project.run(...command, "ask.js")).trim()));
}

test("every door is gone through", () => {
  // which have their programs
  const others = ["executors", "multiprocessing"].map((name) =>
    readFileSync(join(import.meta.dirname, `${name}.test.ts`), "utf8"),
  );
  const own = [SERVER, SERVED, SIMULATED, DRAWN, LOWERED, LOWERING, QUEUED, ASKED, ...Object.values(LINTED)];
  const programs = [...Object.values(typeScript()), ...own, ...others].join();
  expect(doors.map(({ name }) => name).filter((name) => !programs.includes(`"${name}"`))).toEqual([]);
});

describe("Node", () => {
  test("imports it", async () => {
    const project = createProject({}, await javaScript("esm"));
    expect(await project.run(process.execPath, "main.js")).toBe(expected("node"));
    expect(await hostOf(project, process.execPath)).toBe("node");
  });

  test("takes it by require()", async () => {
    const project = createProject({ type: "commonjs" }, await javaScript("cjs"));
    expect(await project.run(process.execPath, "main.js")).toBe(expected("node"));
  });

  test("serves requests", async () => {
    const project = createProject({}, { "server.js": SERVER });
    expect(await project.run(process.execPath, "server.js")).toBe("answer to /question\n");
  });

  test("serves an app, and has a command for it", async () => {
    const project = createProject({}, { "served.js": SERVED });
    expect(await project.run(process.execPath, "served.js")).toBe("answer to /question\nclosed\n");
    const command = "node_modules/wasyncio/dist/cli/main.js";
    expect(await project.run(process.execPath, command, "serve", "--help")).toContain("usage: wasyncio serve APP");
  });

  test("draws a simulated run", async () => {
    const project = createProject({}, { "drawn.js": DRAWN });
    expect(await project.run(process.execPath, "drawn.js")).toBe(
      "step 0, sleeps until 3600 s, step 1, step 2 endOfProgram\nan hour\n",
    );
  });

  test("runs a lowered async function", async () => {
    const project = createProject({}, { "lowered.js": LOWERED });
    expect(await project.run(process.execPath, "lowered.js")).toBe("two,one\n");
  });

  test("lowers async functions", async () => {
    const project = createProject({ wasyncio: { packages: ["p-queue"] } }, { "lowering.js": LOWERING });
    symlinkSync(tool("oxc-parser"), project.path("node_modules/oxc-parser"));
    expect(await project.run(process.execPath, "lowering.js")).toBe("p-queue true\n");
  });

  test("gives jobs to a queue, and has a command that runs them, with the packages that both need", async () => {
    const project = createProject({}, { "queued.js": QUEUED });
    const command = [process.execPath, "node_modules/wasyncio/dist/cli/main.js", "worker", "--help"];
    await expect(project.run(...command)).rejects.toThrow(
      "wasyncio worker: it needs the package bullmq: npm install bullmq",
    );
    for (const name of ["bullmq", "ioredis"]) symlinkSync(tool(name), project.path(`node_modules/${name}`));
    expect(await project.run(...command)).toMatch(/^Usage: wasyncio worker --queue NAME/);
    expect(await project.run(process.execPath, "queued.js")).toBe("42\n");
  });

  test("asks a database, with the package that it needs", async () => {
    const project = createProject({}, { "asked.js": ASKED });
    symlinkSync(tool("pg"), project.path("node_modules/pg"));
    expect(await project.run(process.execPath, "asked.js")).toBe("ConnectionRefusedError ECONNREFUSED\n");
  });

  test.each(["eslint9", "eslint"])("checks programs in %s", async (version) => {
    const project = createProject({}, LINTED);
    const eslint = join(repository, "tools/eslint/node_modules", version, "bin/eslint.js");
    await expect(project.run(process.execPath, eslint, "main.js")).rejects.toThrow(
      /3:3 +error .* wasyncio.no-floating-coroutine/,
    );
  });

  test("simulates tests in vitest", async () => {
    const project = createProject({}, { "simulated.test.js": SIMULATED });
    symlinkSync(tool("vitest"), project.path("node_modules/vitest"));
    const output = await project.run(process.execPath, tool("vitest/vitest.mjs"), "run");
    expect(output).toMatch(/Tests {2}1 passed \(1\)/);
  });
});

describe("Deno", () => {
  const deno = (...args: string[]) => [engine("deno"), ...args, "--quiet", "--no-lock", "--node-modules-dir=manual"];

  test("runs TypeScript that imports it, without a permission", async () => {
    const project = createProject({}, typeScript());
    expect(await project.run(...deno("run", "--no-prompt"), "main.ts")).toBe(expected("deno"));
  });

  test("takes it by require()", async () => {
    const project = createProject({ type: "commonjs" }, await javaScript("cjs"));
    expect(await project.run(...deno("run", "--no-prompt", "--allow-read"), "main.js")).toBe(expected("deno"));
  });

  test("runs TypeScript that imports it by npm:", async () => {
    const files = Object.entries(typeScript()).map(([name, text]) => [
      name,
      text.replaceAll('"wasyncio', '"npm:wasyncio'),
    ]);
    const project = createProject({}, Object.fromEntries(files) as Record<string, string>);
    expect(await project.run(...deno("run", "--no-prompt"), "main.ts")).toBe(expected("deno"));
  });

  test("checks its types", async () => {
    const wrong = `import { createTask, sleep } from "wasyncio";
export const wrong: number = createTask(sleep(1, "text"));`;
    const project = createProject({}, { ...typeScript(), "wrong.ts": wrong });
    await project.run(...deno("check"), "main.ts");
    await expect(project.run(...deno("check"), "wrong.ts")).rejects.toThrow(/not assignable to type 'number'/);
  });

  test("serves requests", async () => {
    const project = createProject({}, { "server.js": SERVER });
    expect(await project.run(...deno("run", "--no-prompt", "--allow-net=127.0.0.1"), "server.js")).toBe(
      "answer to /question\n",
    );
  });
});

describe("Bun", () => {
  test("runs TypeScript that imports it", async () => {
    const project = createProject({}, typeScript());
    expect(await project.run(engine("bun"), "main.ts")).toBe(expected("bun"));
    expect(await hostOf(project, engine("bun"))).toBe("bun");
  });

  test("takes it by require()", async () => {
    const project = createProject({ type: "commonjs" }, await javaScript("cjs"));
    expect(await project.run(engine("bun"), "main.js")).toBe(expected("bun"));
  });

  test("serves requests", async () => {
    const project = createProject({}, { "server.js": SERVER });
    expect(await project.run(engine("bun"), "server.js")).toBe("answer to /question\n");
  });
});
