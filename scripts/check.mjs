// The gate, one step after the other: a line and its seconds for each, the output of the first that fails, then stop.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bareDoors } from "./doors.mjs";
import { exec, main, root } from "./exec.mjs";
import { generate } from "./generate.mjs";
import { setup } from "./setup.mjs";

const quietly = (program, ...args) => exec(program, args, { capture: true });

const steps = {
  "generated files": () => generate({ check: true }),
  format: () => quietly("oxfmt", "--check"),
  lint: () => quietly("oxlint", "--type-aware", "--deny-warnings"),
  types: () => quietly("tsc", "-p", "tsconfig.json"),
  "types of the core": () => quietly("tsc", "-p", "assembly"),
  package: checkPackage,
  size: async () => (await import("./size.mjs")).checkSizes(), // needs what setup installs
  tests: () => exec("vitest", ["run", "--allowOnly=false"]),
};

/** Packs what npm would publish and looks at it as a consumer's tools do. */
async function checkPackage() {
  const folder = resolve(root, "build/package");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await quietly("npm", "pack", "--ignore-scripts", "--pack-destination", folder);
  const tarball = join(folder, readdirSync(folder)[0]);
  await quietly("publint", "run", tarball, "--strict");
  // Under node10, too, which knows no "exports"; that require() gives modules to CommonJS is meant so.
  await quietly("attw", tarball, "--ignore-rules", "cjs-resolves-to-esm");
  await checkDeclarations(folder, tarball);
}

/**
 * Compiles the declarations in the barest projects that may use them: no types of Node, no newer library, nothing
 * skipped; and, but for the doors that speak of requests, none of the web either.
 */
async function checkDeclarations(folder, tarball) {
  const project = join(folder, "consumer");
  const installed = join(project, "node_modules/wasyncio");
  mkdirSync(installed, { recursive: true });
  await quietly("tar", "-xzf", tarball, "-C", installed, "--strip-components=1");
  const compile = async (library, doors) => {
    const lines = doors.map(({ name }, index) => `import * as door${index} from "${name}";\nvoid door${index};\n`);
    writeFileSync(join(project, "program.mts"), lines.join(""));
    const target = ["--module", "nodenext", "--target", "es2022", "--lib", library, "--types", ""];
    await exec("tsc", ["--ignoreConfig", ...target, "--strict", "--noEmit", "program.mts"], {
      cwd: project,
      capture: true,
    });
  };
  await compile("es2022,dom", bareDoors);
  await compile(
    "es2023",
    bareDoors.filter(({ needsWeb }) => !needsWeb),
  );
}

await main("check", async () => {
  await setup({ tools: ["engines", "eslint", "guide", "promise-libraries", "typescript"] });
  for (const [name, step] of Object.entries(steps)) {
    const started = performance.now();
    console.log(`check: ${name}`);
    await step();
    console.log(`check: ${name} ok, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
});
