// One end of a connection with TLS: it does what a script says, and writes down what its protocol is told. The twin of
// python/tls.py.

import { type Coroutine, Event, type Task, createTask, run, sleep } from "wasyncio";
import {
  type CertificateFields,
  Protocol,
  type SSLContext,
  type SSLObject,
  type SocketTransport,
  type StartTlsOptions,
  createConnection,
  createDefaultContext,
  createServer,
  startTls,
} from "wasyncio/streams";

/** What an end does, and how it is. */
export interface Script {
  readonly steps: readonly (readonly [step: string, argument: number | string])[];
  readonly echoes?: boolean;
  readonly keepsOpen?: boolean;
  /** Whether it begins without TLS. */
  readonly plain?: boolean;
  readonly name?: string;
  readonly alpn?: readonly string[];
  readonly newest?: "TLSv1.2";
  readonly shutdownTimeout?: number;
}

/** What it was told, as plain data. */
export type Trace = readonly unknown[];

function inWords(error: Error | null): string {
  return error === null ? "lost" : `lost ${error.name}: ${error.message}`;
}

class End extends Protocol {
  readonly trace: unknown[] = [];
  readonly over = new Event();
  received = 0;
  transport!: SocketTransport;
  task: Task<void> | null = null;
  readonly #script: Script;
  readonly #context: SSLContext;
  readonly #tls: StartTlsOptions;

  constructor(script: Script, context: SSLContext, tls: StartTlsOptions) {
    super();
    this.#script = script;
    this.#context = context;
    this.#tls = tls;
  }

  override connectionMade(transport: unknown): void {
    this.trace.push("made");
    this.transport = transport as SocketTransport;
    this.task = createTask(this.#play());
  }

  override dataReceived(data: Uint8Array): void {
    this.received += data.length;
    if (this.#script.echoes === true) this.transport.write(data);
  }

  override eofReceived(): boolean {
    this.trace.push("eof");
    return this.#script.keepsOpen === true;
  }

  override connectionLost(error: Error | null): void {
    this.trace.push(inWords(error), `received ${this.received}`);
    this.over.set();
  }

  *#play(): Coroutine<void> {
    for (const [step, argument] of this.#script.steps) {
      if (step === "write") this.transport.write(new Uint8Array(argument as number));
      else if (step === "until") while (this.received < (argument as number)) yield* sleep(0.002);
      else if (step === "sleep") yield* sleep(argument as number);
      else if (step === "startTls") this.transport = yield* startTls(this.transport, this, this.#context, this.#tls);
      else if (step === "tell") this.trace.push(this.#tell(argument as string));
      else if (step === "pause") this.transport.pauseReading();
      else if (step === "resume") this.transport.resumeReading();
      else this.transport[step as "close" | "abort"]();
    }
  }

  #tell(name: string): unknown {
    const info = (key: string): unknown => this.transport.getExtraInfo(key);
    if (name === "session") {
      const object = info("sslObject") as SSLObject;
      const chosen = object.selectedAlpnProtocol();
      const [, version, bits] = info("cipher") as [string, string, number];
      return [object.version(), version, [128, 256].includes(bits), info("compression"), chosen];
    }
    if (name === "peercert") {
      const certificate = info("peercert") as CertificateFields | null;
      // Python has each part of a name in a set of its own.
      const parts = (list: readonly unknown[]): unknown[] => list.map((part) => [part]);
      return (
        certificate &&
        Object.entries(certificate).map(([key, value]) => [
          key,
          key === "subject" || key === "issuer" ? parts(value as unknown[]) : value,
        ])
      );
    }
    return [this.transport.canWriteEof(), this.transport.getWriteBufferLimits()];
  }
}

function configured(context: SSLContext, { alpn, newest }: Script): SSLContext {
  if (alpn !== undefined) context.setAlpnProtocols(alpn);
  if (newest !== undefined) context.maximumVersion = newest;
  return context;
}

/** Serves one connection. */
export function serve(
  [certificate, key]: readonly [string, string],
  script: Script,
  listening: (port: number) => void,
): Promise<Trace> {
  return run(function* () {
    const context = configured(createDefaultContext("CLIENT_AUTH"), script);
    context.loadCertChain(certificate, key);
    const end = new End(script, context, { serverSide: true });
    const server = yield* createServer(() => end, "127.0.0.1", 0, {
      ...(script.plain !== true && { ssl: context, sslShutdownTimeout: script.shutdownTimeout ?? null }),
    });
    listening((server.sockets[0].getsockname() as [string, number])[1]);
    yield* end.over.wait();
    server.close();
    return end.trace;
  });
}

/** Connects to a server of this machine. */
export function connect(authority: string, port: number, script: Script): Promise<Trace> {
  return run(function* () {
    const context = configured(createDefaultContext("SERVER_AUTH", { cafile: authority }), script);
    const serverHostname = script.name ?? "localhost";
    const end = new End(script, context, { serverHostname });
    try {
      yield* createConnection(() => end, "127.0.0.1", port, {
        ...(script.plain !== true && {
          ssl: context,
          serverHostname,
          sslShutdownTimeout: script.shutdownTimeout ?? null,
        }),
      });
    } catch (error) {
      return [...end.trace, `failed ${(error as Error).name}`];
    }
    yield* end.over.wait();
    return end.trace;
  });
}
