// Which host it is: the conditions in package.json say so, and nothing else.

import { describe, expect, test } from "vitest";
import { ownImports } from "../../../scripts/doors.mjs";
import { readSources } from "../../support/imports.ts";
import { runInNode } from "../../support/processes.ts";

const sources = readSources("src/hosts");
const HOSTS = ["workerd", "deno", "bun", "browser", "node", "generic"];

describe("the conditions", () => {
  // A host may have the conditions of others, too: Deno and Bun that of Node, bundlers for workerd that of browsers.
  test("come in an order in which each host finds its own first", () => {
    expect(Object.keys(ownImports["#host"])).toEqual(["workerd", "deno", "bun", "browser", "node", "default"]);
    expect(Object.keys(ownImports["#network"])).toEqual(Object.keys(ownImports["#host"]));
    expect(Object.keys(ownImports["#processes"])).toEqual(Object.keys(ownImports["#host"]));
    expect(Object.keys(ownImports["#workers"])).toEqual(Object.keys(ownImports["#host"]));
    expect(Object.keys(ownImports["#http"])).toEqual(Object.keys(ownImports["#host"]));
    expect(Object.keys(ownImports["#core"])).toEqual(["workerd", "browser", "node", "default"]);
  });

  test("lead to the file of that name", () => {
    expect(Object.values(ownImports["#host"])).toEqual(HOSTS.map((name) => `./dist/hosts/${name}/clock.js`));
    expect(Object.values(ownImports["#network"])).toEqual(HOSTS.map((name) => `./dist/hosts/${name}/network.js`));
    expect(Object.values(ownImports["#processes"])).toEqual(HOSTS.map((name) => `./dist/hosts/${name}/processes.js`));
    expect(Object.values(ownImports["#workers"])).toEqual(HOSTS.map((name) => `./dist/hosts/${name}/workers.js`));
    expect(Object.values(ownImports["#http"])).toEqual(HOSTS.map((name) => `./dist/hosts/${name}/http.js`));
    for (const name of HOSTS) expect([...sources.keys()]).toContain(`src/hosts/${name}/clock.ts`);
  });

  test.each([["node"], ["deno"], ["bun"], ["browser"], ["workerd"]])(
    "lead Node to %s when that is asked for",
    async (name) => {
      const program = `
      const { resolve } = require("node:path");
      const { createRequire } = require("node:module");
      console.log(createRequire(resolve("dist/index.js")).resolve("#host"));`;
      const { stdout } = await runInNode(program, {
        type: "commonjs",
        env: name === "node" ? {} : { NODE_OPTIONS: `--conditions=${name}` },
      });
      expect(stdout.trim()).toMatch(new RegExp(`dist.hosts.${name}.clock\\.js$`));
    },
  );
});

describe("the hosts", () => {
  test("do not look for what is there", () => {
    const sniffing =
      /typeof \w+(\.\w+)* [!=]==? "(undefined|function|object)"|\bin globalThis|navigator\b(?!\.(locks|hardware))|userAgent/;
    const found = [...sources].filter(([, text]) => sniffing.test(text)).map(([file]) => file);
    expect(found).toEqual([]);
  });
});
