import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { vitePlugin } from "./scripts/wasm-plugins.mjs";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [vitePlugin],
  resolve: {
    alias: [
      { find: /^wasyncio$/, replacement: source("src/index.ts") },
      { find: /^wasyncio\/streams$/, replacement: source("src/streams/index.ts") },
      { find: /^wasyncio\/testing$/, replacement: source("src/testing/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    typecheck: { enabled: true, include: ["test/**/*.test-d.ts"] },
    server: { deps: { inline: ["as-bind"] } },
    reporters: ["default", "json"],
    outputFile: { json: "build/test-results.json" }, // what .ci/run counts
    coverage: { include: ["src/**/*.ts"], exclude: ["**/*.d.ts"] },
  },
});
