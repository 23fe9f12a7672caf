import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { vitePlugin } from "./scripts/wasm-plugins.mjs";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [vitePlugin],
  resolve: {
    alias: [
      { find: "#core", replacement: source("src/core/embedded.ts") },
      { find: "#host", replacement: source("src/hosts/node/clock.ts") },
      { find: /^wasyncio$/, replacement: source("src/index.ts") },
      { find: /^wasyncio\/edge$/, replacement: source("src/edge/index.ts") },
      { find: /^wasyncio\/node-http$/, replacement: source("src/node-http/index.ts") },
      { find: /^wasyncio\/streams$/, replacement: source("src/streams/index.ts") },
      { find: /^wasyncio\/testing$/, replacement: source("src/testing/index.ts") },
      { find: /^wasyncio\/testing\/timeline$/, replacement: source("src/timeline/index.ts") },
      { find: /^wasyncio\/timeline$/, replacement: source("src/timeline/index.ts") },
      { find: /^wasyncio\/vitest$/, replacement: source("src/vitest/index.ts") },
    ],
  },
  test: {
    // No limit of a test is a figure of speed: a test that hangs ends, on a machine however busy. Processes are killed before.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/package/installed/**"], // they need browsers: npm run test:installed
    typecheck: { enabled: true, include: ["test/**/*.test-d.ts"] },
    server: { deps: { inline: ["as-bind"] } },
    reporters: ["default", "json"],
    outputFile: { json: "build/test-results.json" }, // what .ci/run counts
    coverage: { include: ["src/**/*.ts"], exclude: ["**/*.d.ts"] },
  },
});
