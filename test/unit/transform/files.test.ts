// Which files are lowered.

import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type LoweringOptions,
  bunPlugin,
  default as loader,
  esbuildPlugin,
  rolldownPlugin,
  rollupPlugin,
  rspackPlugin,
  vitePlugin,
  webpackPlugin,
} from "wasyncio/transform";
import { filesOf } from "../../../src/transform/files.ts";

const isLowered = (options: LoweringOptions, file: string): boolean => filesOf(options, "/shop").test(file);

describe("files", () => {
  test.each([
    ["/shop/src/main.ts", true],
    ["/shop/a.js", true],
    ["/shop/page.tsx", true],
    ["/elsewhere/a.mjs", true],
    ["C:\\shop\\a.cts", true],
    ["/shop/types.d.ts", false],
    ["/shop/types.d.mts", false],
    ["/shop/data.json", false],
    ["/shop/page.vue", false],
    ["/shop/node_modules/p-queue/index.js", false],
    ["C:\\shop\\node_modules\\p-queue\\index.js", false],
  ])("by default those of the program: %s, %s", (file, expected) => {
    expect(isLowered({}, file)).toBe(expected);
  });

  test.each([
    ["/shop/src/a.ts", true],
    ["/shop/src/deep/er/a.ts", true],
    ["/shop/src/a.js", false],
    ["/shop/lib/one.js", true],
    ["/shop/lib/two.js", true],
    ["/shop/lib/three.js", false],
    ["/shop/lib/deep/one.js", false],
    ["/shop/x1.js", true],
    ["/shop/x12.js", false],
    ["/other/all/a.js", true],
    ["/elsewhere/src/a.ts", false],
    ["/shop/node_modules/src/a.ts", false],
  ])("by globs: %s, %s", (file, expected) => {
    const include = ["src/**/*.ts", "./lib/{one,two}.js", "x?.js", "/other/**"];
    expect(isLowered({ include }, file)).toBe(expected);
    expect(isLowered({ include, root: "/shop/" }, file)).toBe(expected);
  });

  test.each([
    ["/shop/node_modules/p-queue/dist/index.js", true],
    ["/shop/node_modules/.pnpm/p-queue@9/node_modules/p-queue/index.js", true],
    ["C:\\shop\\node_modules\\@a\\b\\index.cjs", true],
    ["/shop/node_modules/p-queue/node_modules/other/index.js", false],
    ["/shop/node_modules/p-queue-too/index.js", false],
    ["/shop/node_modules/@a/c/index.js", false],
    ["/shop/main.js", true],
  ])("of packages: %s, %s", (file, expected) => {
    expect(isLowered({ packages: ["p-queue", "@a/b"] }, file)).toBe(expected);
  });

  test("of the library never", () => {
    const root = resolve(import.meta.dirname, "../../..");
    expect(isLowered({}, `${root}/src/promises/await.ts`)).toBe(false);
    expect(isLowered({ include: ["**"], root }, `${root}/dist/index.js`)).toBe(false);
    expect(isLowered({}, `${root}/test/a.ts`)).toBe(true);
  });
});

describe("bad options", () => {
  const plugins = { bunPlugin, esbuildPlugin, rolldownPlugin, rollupPlugin, rspackPlugin, vitePlugin, webpackPlugin };
  const bad: [object, string][] = [
    [{ included: [] }, "there is no 'included', only include, packages, root"],
    [{ include: "src" }, "Invalid include: expected a list of globs, got 'src'"],
    [{ packages: [1] }, "Invalid packages: expected a list of names of packages"],
    [{ packages: ["./a"] }, "Invalid packages: './a' is no name of a package to lower"],
    [{ packages: ["wasyncio"] }, "'wasyncio' is no name of a package to lower"],
    [{ root: 1 }, "Invalid root: expected an absolute path, got 1"],
    [{ root: "shop" }, "Invalid root: expected an absolute path, got 'shop'"],
  ];

  test.each(Object.entries(plugins))("are refused at the call of %s", (_, plugin) => {
    for (const [options, message] of bad) {
      expect(() => plugin(options)).toThrow(TypeError);
      expect(() => plugin(options)).toThrow(message);
    }
    expect(() => plugin(null as never)).toThrow(TypeError);
  });

  test("are refused by the loader", () => {
    const context = { resourcePath: "/a.js", rootContext: "/", getOptions: () => ({ root: 1 }) };
    expect(() => loader.call(context as never, "")).toThrow("Invalid root");
  });
});
