// The package in bundles for browsers, in real Chromium and Firefox.

import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createServer } from "vite";
import { BROWSERS, openBrowser } from "../../support/browsers.ts";
import { expected } from "./expected.ts";
import { type Site, firstWords, serve } from "./pages.ts";
import { type Project, createProject, tool, typeScript } from "./project.ts";

const page = (script: string): string => `<!doctype html><title>wasyncio</title>${script}`;
const POLICY = "default-src 'self'; script-src 'self'";

let vite: Project;
const sites: Site[] = [];

async function open(folder: string, policy?: string): Promise<string> {
  const site = await serve(folder, policy);
  sites.push(site);
  return site.address;
}

beforeAll(async () => {
  vite = createProject({}, { ...typeScript(), "index.html": page(`<script type="module" src="/main.ts"></script>`) });
  await vite.run(process.execPath, tool("vite/bin/vite.js"), "build", "--logLevel", "warn");
});
afterAll(() => sites.forEach((site) => site.close()));

/** A page with a bundle by esbuild. */
async function bundle(format: "esm" | "iife"): Promise<Project> {
  const project = createProject({}, typeScript());
  const { metafile } = await build({
    absWorkingDir: project.folder,
    entryPoints: ["main.ts"],
    outfile: "public/main.js",
    bundle: true,
    minify: true,
    format,
    metafile: true,
    logLevel: "silent",
  });
  expect(hostsIn(Object.keys(metafile.inputs))).toEqual(["browser"]);
  const type = format === "esm" ? ` type="module"` : "";
  project.write("public/index.html", page(`<body><script${type} src="main.js"></script></body>`));
  return project;
}

/** The hosts among the files of a bundle. */
const hostsIn = (files: readonly string[]): string[] =>
  files.flatMap((file) => /dist\/hosts\/(\w+)\/clock\.js$/.exec(file)?.[1] ?? []);

describe.each(BROWSERS)("in %s", (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(name);
  });
  afterAll(() => browser?.close());
  const output = async (address: string): Promise<string> => `${await firstWords(browser, address)}\n`;

  test("a production build by Vite", async () => {
    expect(await output(await open(vite.path("dist")))).toBe(expected("browser"));
  });

  test("Vite's development server, which bundles what is installed", async () => {
    const server = await createServer({
      root: vite.folder,
      configFile: false,
      logLevel: "error",
      server: { port: 0, watch: null },
    });
    try {
      await server.listen();
      expect(await output(server.resolvedUrls?.local[0] as string)).toBe(expected("browser"));
    } finally {
      await server.close();
    }
  });

  test.each(["esm", "iife"] as const)("a minified bundle by esbuild: %s", async (format) => {
    const { path } = await bundle(format);
    expect(await output(await open(path("public")))).toBe(expected("browser"));
  });

  test("under a strict Content-Security-Policy with wasm-unsafe-eval", async () => {
    const { path } = await bundle("esm");
    expect(await output(await open(path("public"), `${POLICY} 'wasm-unsafe-eval'`))).toBe(expected("browser"));
  });

  test("under one without it, where the error says what is missing", async () => {
    const { path } = await bundle("esm");
    const address = await open(path("public"), POLICY);
    await expect(firstWords(browser, address)).rejects.toThrow(/'wasm-unsafe-eval'/);
  });
});
