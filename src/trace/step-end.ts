// How a step ended, in words.

import type { LogStep } from "./log.ts";

/** What a step ended with: "waits for Lock", "returns". */
export function describeEnd({ end, waitsFor }: LogStep): string {
  switch (end) {
    case "yield":
      return "gives way";
    case "sleep":
      return waitsFor === "" ? "sleeps" : `sleeps ${waitsFor}`;
    case "wait":
      return waitsFor === "" ? "waits" : `waits for ${waitsFor}`;
    case "return":
      return "returns";
    case "throw":
      return "throws";
    case "cancelled":
      return "is cancelled";
    case "called":
      return "returns";
  }
}
