// workerd, by its own test runner: no server, an exit code, console.log on the standard output.

import { writeProgram } from "../bundle.ts";
import type { FoundHost } from "../hosts.ts";
import { read } from "../process.ts";
import type { Result } from "../suite/report.ts";
import { outcomeIn, printOutcome } from "./command.ts";

/**
 * Behind the dates that made FinalizationRegistry and MessageChannel part of the world, so that neither can be needed.
 */
const COMPATIBILITY_DATE = "2025-01-01";

const trusting = (file: string): string => `, tlsOptions = (trustedCertificates = [embed "${file}"])`;

/** @param trusted the file of whom it is to trust, which programs cannot say; null: it speaks no TLS */
const config = (trusted: string | null): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [
  (name = "main", worker = .main),
  (name = "loopback", network = (allow = ["local"]${trusted === null ? "" : trusting(trusted)})),
]);
const main :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "suite.mjs", esModule = embed "suite.mjs"),
    (name = "core.wasm", wasm = embed "core.wasm"),
  ],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  globalOutbound = "loopback",
);
`;

/** A run outside a request is refused by workerd: that has to come out of `run`, and must not harm later ones. */
const EARLY = `const early = earlyRun();`;

export async function workerd(program: string): Promise<FoundHost> {
  const version = (await read([program, "--version"])).trim().replace(/^workerd /, "");
  return {
    version,
    async run(folder, order) {
      const { sockets } = order;
      if (sockets !== undefined) writeProgram(folder, "authority.pem", sockets.certificates.authority);
      writeProgram(folder, "config.capnp", config(sockets === undefined ? null : "authority.pem"));
      writeProgram(
        folder,
        "worker.mjs",
        `import { earlyRun, runSuite } from "./suite.mjs";
${EARLY}
export default {
  async test() {
    console.log("EARLY " + JSON.stringify(await early));
    ${printOutcome(order)}
  },
};
`,
      );
      const stdout = await read([program, "test", "config.capnp"], { cwd: folder });
      const outcome = outcomeIn(stdout);
      return { ...outcome, results: [...outcome.results, ...earlyResult(stdout)] };
    },
  };
}

function earlyResult(stdout: string): Result[] {
  const name = "workerd: a run at the top of a module rejects, because timers are refused there";
  const found = /^EARLY (.*)$/m.exec(stdout)?.[1] ?? "nothing";
  return [/global scope/.test(found) ? { name } : { name, error: `got ${found}` }];
}
