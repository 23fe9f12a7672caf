// The host's workers: one for all of this realm, made when it is needed first.

import { createWorkers } from "#workers";
import type { Workers } from "../drivers/workers.ts";

let workers: Workers | null = null;

export function hostWorkers(): Workers {
  return (workers ??= createWorkers());
}
