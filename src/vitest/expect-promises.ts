// `expect(promise).resolves` and `.rejects` in simulations. Vitest waits for a promise by the engine's own, which do
// not go on in virtual time; here those of a loop are waited for by their own `then`.

import { chai } from "vitest";
import { Future } from "../runtime/future.ts";
import { runningLoop } from "../runtime/loop.ts";

type Outcome = "resolves" | "rejects";

/** An assertion, as far as it matters here. */
type Assertion = Record<PropertyKey, unknown>;

interface Utils {
  flag(assertion: object, name: string, value?: unknown): unknown;
  inspect(value: unknown): string;
  overwriteProperty(
    target: object,
    name: string,
    make: (original: () => unknown) => (this: Assertion) => unknown,
  ): void;
}

let isInstalled = false;

/** From now on `expect` takes promises of a loop, too. */
export function expectPromises(): void {
  if (isInstalled) return;
  isInstalled = true;
  const install = (_: unknown, utils: unknown): void => {
    for (const outcome of ["resolves", "rejects"] as const) overwrite(utils as Utils, outcome);
  };
  chai.use(install);
}

function overwrite(utils: Utils, outcome: Outcome): void {
  utils.overwriteProperty(chai.Assertion.prototype, outcome, (original) => {
    return function () {
      if (runningLoop() === null) return original.call(this);
      const given = utils.flag(this, "object");
      const promise: unknown = typeof given === "function" && outcome === "rejects" ? given() : given;
      if (promise instanceof Future && "then" in promise) return laterOf(utils, this, outcome, promise as never);
      utils.flag(this, "object", promise);
      return original.call(this);
    };
  });
}

/** The assertion, whose checks are made when the promise is settled, and give promises. */
function laterOf(utils: Utils, assertion: Assertion, outcome: Outcome, promise: Promise<unknown>): Assertion {
  const place = new Error(outcome); // a check fails where it stands
  utils.flag(assertion, "promise", outcome);
  const later = new Proxy(assertion, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      if (typeof found !== "function") return found instanceof chai.Assertion ? later : found;
      return (...args: unknown[]) => {
        const check = (value: unknown): unknown => {
          utils.flag(assertion, "object", value);
          const checked = found.apply(assertion, args) as unknown;
          return checked instanceof chai.Assertion ? undefined : checked; // the other matchers are async themselves
        };
        const refuse = (value: unknown): never => {
          const [was, wanted] = outcome === "rejects" ? ["resolved", "rejecting"] : ["rejected", "resolving"];
          throw new chai.AssertionError(`promise ${was} "${utils.inspect(value)}" instead of ${wanted}`, {
            cause: value,
          });
        };
        const done = outcome === "rejects" ? promise.then(refuse, check) : promise.then(check, refuse);
        return done.catch((error: unknown) => {
          if (error instanceof Error && place.stack !== undefined)
            error.stack = place.stack.replace(place.message, () => error.message);
          throw error;
        });
      };
    },
  });
  return later;
}
