// Lets this Node load TypeScript: node --import ./scripts/typescript.mjs PROGRAM.ts

import * as nodeModule from "node:module";

if (nodeModule.registerHooks === undefined) {
  nodeModule.register("./typescript-hooks.mjs", import.meta.url); // Node 20; newer ones warn of it
} else {
  nodeModule.registerHooks(await import("./typescript-hooks.mjs"));
}
process.setSourceMapsEnabled(true);
