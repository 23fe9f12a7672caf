// Writes the API reference to docs/api. typedoc needs an older TypeScript than the package does, so it lives in a
// folder of its own, tools/docs, and is installed there on first use.

import { resolve } from "node:path";
import { doors } from "./doors.mjs";
import { exec, main, root } from "./exec.mjs";
import { install } from "./setup.mjs";

await main("docs", async () => {
  const tools = resolve(root, "tools/docs");
  await install("tools/docs");
  const entries = doors.flatMap(({ source }) => ["--entryPoints", source]);
  await exec(resolve(tools, "node_modules/.bin/typedoc"), ["--options", "tools/docs/typedoc.json", ...entries]);
});
