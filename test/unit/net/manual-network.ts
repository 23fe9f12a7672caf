// A network in the hands of the test: it notes what it is asked for, and tells what the test says. The file that uses
// it puts it in the place of the host's: vi.mock("#network", ...).

import type {
  Answers,
  ConnectEvents,
  ConnectTarget,
  ListenEvents,
  ListenTarget,
  Network,
  ResolveOptions,
  ResolvedAddress,
  StreamEnd,
} from "../../../src/drivers/network.ts";
import type { Fault } from "../../../src/errors/os.ts";
import { noNetwork } from "../../../src/hosts/parts/no-network.ts";
import { ManualEnd } from "./manual-end.ts";

/** An attempt to connect. */
export interface Attempt {
  readonly target: ConnectTarget;
  readonly events: ConnectEvents;
  isGivenUp: boolean;
}

export const REFUSED: Fault = {
  code: "ECONNREFUSED",
  errno: -111,
  syscall: "connect",
  message: "connect ECONNREFUSED",
};

export class ManualNetwork implements Pick<Network, "connect" | "listen" | "adopt" | "resolve" | "reverse"> {
  readonly attempts: Attempt[] = [];
  readonly listeners: { readonly target: ListenTarget; readonly events: ListenEvents; isClosed: boolean }[] = [];
  /** The addresses of names, or what asking for them fails by. */
  readonly names = new Map<string, readonly string[] | Fault>();
  readonly questions: [name: string, options: ResolveOptions][] = [];
  connectsByName = false;
  takesBothFamilies = false;

  connect(target: ConnectTarget, events: ConnectEvents): () => void {
    const attempt: Attempt = { target, events, isGivenUp: false };
    this.attempts.push(attempt);
    return () => void (attempt.isGivenUp = true);
  }

  /** The addresses that were connected to, in order. */
  get addresses(): string[] {
    return this.attempts.map(({ target }) => ("path" in target ? target.path : target.host));
  }

  listen(target: ListenTarget, events: ListenEvents): () => void {
    const listener = { target, events, isClosed: false };
    this.listeners.push(listener);
    return () => void (listener.isClosed = true);
  }

  adopt(socket: unknown): StreamEnd {
    if (socket instanceof ManualEnd) return socket;
    throw new TypeError("Invalid sock");
  }

  resolve(name: string, options: ResolveOptions, answers: Answers<readonly ResolvedAddress[]>): void {
    this.questions.push([name, options]);
    const found = this.names.get(name) ?? { code: "ENOTFOUND", message: `getaddrinfo ENOTFOUND ${name}` };
    if (!Array.isArray(found)) return answers.failed(found as Fault);
    answers.answered(found.map((address: string) => ({ address, family: address.includes(":") ? 6 : 4 })));
  }

  reverse(_address: string, _port: number, answers: Answers<{ host: string; service: string }>): void {
    answers.answered({ host: "a.example", service: "http" });
  }
}

/** A network that is another one for each test: the library makes one for all loops. */
export function inTheHandsOf(network: () => ManualNetwork): Network {
  return {
    ...noNetwork("the test has no more"),
    get connectsByName() {
      return network().connectsByName;
    },
    get takesBothFamilies() {
      return network().takesBothFamilies;
    },
    connect: (target, events) => network().connect(target, events),
    listen: (target, events) => network().listen(target, events),
    adopt: (socket) => network().adopt(socket),
    resolve: (name, options, answers) => network().resolve(name, options, answers),
    reverse: (address, port, answers) => network().reverse(address, port, answers),
  };
}
