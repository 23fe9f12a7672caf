// Bun: a plugin of its own loader.

import { bunPlugin } from "../transform/load-plugins.ts";
import type { LoweringOptions } from "../transform/files.ts";

declare const Bun: { plugin(plugin: object): void };

/** Has the files of this process lowered from now on. */
export function install(options: LoweringOptions): void {
  Bun.plugin(bunPlugin(options));
}
