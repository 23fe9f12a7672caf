// `npm run test:installed`: tests that need browsers, and the package as it is packed. They are no part of `npm test`.

import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: resolve(import.meta.dirname, "../../.."),
    include: ["test/package/installed/**/*.test.ts"],
    globalSetup: "test/package/installed/installed.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "json"],
    outputFile: { json: "build/installed-results.json" },
  },
});
