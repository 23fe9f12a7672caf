import { test } from "vitest";
import { appendFileSync, writeFileSync } from "node:fs";
import { VALUES } from "./values.ts";
import { ROWS } from "./calls.ts";
import { isInternal, newWorld, stateOf, stillWorks, tryInTask } from "./world.ts";

const out = "/tmp/g-explore.txt";
test("explore", () => {
  writeFileSync(out, "");
  let world = newWorld();
  for (const { name, parameter, call, subject } of ROWS) {
    const lines: string[] = [];
    const groups = new Map<string, string[]>();
    for (const value of Object.keys(VALUES)) {
      try {
        const before = JSON.stringify(stateOf(world, null));
        const { outcome, unchanged } = tryInTask(world, value, call, subject);
        const works = stillWorks(world.loop);
        const after = JSON.stringify(stateOf(world, null));
        const flags = `${isInternal(outcome) ? " INTERNAL" : ""}${unchanged ? "" : " CHANGED"}${works ? "" : " BROKEN"}${before === after ? "" : " LEFT " + after}`;
        const key = `${outcome.late ? "late " : ""}${outcome.kind}${flags}`;
        const text = VALUES[value]!.text;
        const named =
          outcome.kind === "ok" ||
          (typeof text === "string" ? outcome.message.includes(text) : text.test(outcome.message));
        const full = `${key}${named ? "" : " UNNAMED"}`;
        if (!groups.has(full)) groups.set(full, []);
        groups.get(full)!.push(outcome.kind === "ok" ? value : `${value} <${outcome.message.slice(0, 110)}>`);
        if (before !== after || !works || !unchanged) world = newWorld();
      } catch (error) {
        lines.push(
          `   ESCAPED ${value}: ${String(error)} ${(error as Error).stack?.split("\n").slice(1, 4).join("|")}`,
        );
        world = newWorld();
      }
      if (world.reports.length > 0) {
        lines.push(`   REPORTED ${value}: ${world.reports.join(" ;; ").slice(0, 300)}`);
        world.reports.length = 0;
      }
    }
    for (const [key, values] of groups) lines.push(`   ${key}: ${values.join(", ")}`);
    appendFileSync(out, `${name} (${parameter})\n${lines.join("\n")}\n`);
  }
}, 120000);
