// The package in TypeScript projects, under each way to resolve modules: checked strictly, with nothing skipped,
// compiled and run.

import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expected } from "./expected.ts";
import { type Project, createProject, repository, tool, typeScript } from "./project.ts";

const STRICT = {
  target: "es2022",
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: false,
  skipLibCheck: false,
};

/**
 * For compilers of all ages: what a step gives has its type by yield* alone, and yield without its star is an error.
 */
const TYPES = `import { type Coroutine, type Task, createTask, gather, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";

export function* typed(): Coroutine<string> {
  const task: Task<number> = createTask(sleep(1, 1));
  const [one, two]: [number, string] = yield* gather(task, sleep(1, "two"));
  // @ts-expect-error a string is no number
  const wrong: number = two;
  return two.repeat(one + wrong);
}

// @ts-expect-error yield without its star
export const starless = (): Coroutine<void> => (function* () { yield sleep(1); })();

export const result: string = new VirtualEventLoop().runUntilCompleteSync(typed());
`;

const SERVER = `import { run, sleep } from "wasyncio";
import { ClientSession } from "wasyncio/client";
import { handler } from "wasyncio/edge";
import { type HttpServer, serve } from "wasyncio/node-http";

const answer = handler(function* (request: Request) {
  yield* sleep(1);
  return new Response(request.url);
});
export const server: HttpServer = await serve(answer, { port: 8080 });
export const text = await run(() => new ClientSession().with((session) => session.get(server.url).with((it) => it.text())));
`;

function typeScriptProject(manifest: object, options: object): Project {
  const compilerOptions = { ...STRICT, ...options };
  const config = JSON.stringify({ compilerOptions, include: ["*.ts"] });
  return createProject(manifest, { ...typeScript(), "types.ts": TYPES, "tsconfig.json": config });
}

describe("TypeScript", () => {
  const emit = { outDir: "out", rewriteRelativeImportExtensions: true };

  test.each([
    { moduleResolution: "bundler", module: "esnext" },
    { moduleResolution: "bundler", module: "preserve" },
    { moduleResolution: "node16", module: "node16" },
    { moduleResolution: "nodenext", module: "nodenext" },
  ])("compiles with $moduleResolution, $module, and the program runs", async (options) => {
    const project = typeScriptProject({}, { ...emit, ...options });
    await project.run(process.execPath, tool("typescript/bin/tsc"));
    expect(await project.run(process.execPath, "out/main.js")).toBe(expected("node"));
  });

  test("compiles a CommonJS project with nodenext, and the program runs", async () => {
    const project = typeScriptProject({ type: "commonjs" }, { ...emit, module: "nodenext" });
    await project.run(process.execPath, tool("typescript/bin/tsc"));
    expect(await project.run(process.execPath, "out/main.js")).toBe(expected("node"));
  });

  test("compiles a server with the types of Node", async () => {
    const types = { types: ["node"], typeRoots: [tool("@types")], module: "nodenext", noEmit: true };
    const config = JSON.stringify({ compilerOptions: { ...STRICT, ...types } });
    const project = createProject({}, { "server.ts": SERVER, "tsconfig.json": config });
    await project.run(process.execPath, tool("typescript/bin/tsc"));
  });

  test("checks with a compiler that is older", async () => {
    // The one that are-the-types-wrong brings along.
    const { resolve } = createRequire(tool("@arethetypeswrong/core/package.json"));
    const older = resolve("typescript").replace(/lib.typescript\.js$/, "bin/tsc");
    expect(older).not.toContain(join(repository, "node_modules/typescript"));
    const options = { noEmit: true, allowImportingTsExtensions: true, module: "nodenext" };
    await typeScriptProject({}, options).run(process.execPath, older);
  });
});
