import { configDefaults, defineConfig } from "vitest/config";
import { doorFiles } from "./scripts/doors.mjs";
import { vitePlugin } from "./scripts/wasm-plugins.mjs";

export default defineConfig({
  plugins: [vitePlugin],
  resolve: {
    // A name is whole: "wasyncio" must not take in "wasyncio/edge".
    alias: Object.entries(doorFiles("src")).map(([name, replacement]) => ({
      find: new RegExp(`^${name}$`),
      replacement,
    })),
  },
  test: {
    // All cores: vitest leaves one for watching.
    maxWorkers: "100%",
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
