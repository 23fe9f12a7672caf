// Our end of connections. python/end.py is its twin.

import { type Coroutine, EventLoop, IncompleteReadError, gather, sleep, waitFor } from "wasyncio";
import {
  BufferedProtocol,
  OSError,
  Protocol,
  type Server,
  type SocketTransport,
  type StreamReader,
  type StreamWriter,
  createConnection,
  createServer,
  createUnixConnection,
  createUnixServer,
  openConnection,
  openUnixConnection,
} from "wasyncio/streams";
import {
  type Action,
  type Address,
  type End,
  type Event,
  type Kind,
  type Operation,
  PATIENCE,
  type Setup,
  type Trace,
  type Traces,
  summed,
} from "./end.ts";
import { bytes } from "../../support/bytes.ts";

class Failure extends Error {
  override name = "Failure";
}

function classOf(error: unknown): string | null {
  return error === null || error === undefined ? null : (error as Error).name;
}

export class OurEnd implements End {
  readonly #loop = new EventLoop();
  readonly #running: Promise<void>;
  #connections: Connection[] = [];
  #own: unknown[][] = [];
  /** How often each event has happened, on all connections together. */
  readonly #totals = new Map<Event, number>();
  #server: Server | null = null;
  #waiting: { so: () => boolean; happened: () => void }[] = [];

  constructor() {
    this.#loop.setExceptionHandler((_, { message, exception }) => {
      this.#own.push(["report", message, classOf(exception)]);
    });
    this.#running = this.#loop.runForever();
    this.#loop.createExternalFuture(); // the next command comes from outside
  }

  /** Ends its loop. */
  async end(): Promise<void> {
    this.#loop.callSoonThreadsafe(() => this.#loop.stop());
    await this.#running;
    this.#loop.close();
  }

  async listen(kind: Kind, path: string | null, setup: Setup): Promise<Address> {
    const factory = (): Protocol | BufferedProtocol => this.#connection(setup);
    const server = await this.#inLoop(() =>
      kind === "unix" ? createUnixServer(factory, path as string) : createServer(factory, "127.0.0.1", 0),
    );
    this.#server = server;
    const address = server.sockets[0].getsockname();
    return typeof address === "string" ? address : address[1];
  }

  async connect(kind: Kind, address: Address, setup: Setup, count = 1): Promise<void> {
    const factory = (): Plain | Buffered => this.#connection(setup);
    const own = this.#own;
    function* one(): Coroutine<void> {
      try {
        const [, protocol] = yield* kind === "unix"
          ? createUnixConnection(factory, address as string)
          : createConnection(factory, "127.0.0.1", address as number);
        protocol.callbacks.connection.note("connected");
      } catch (error) {
        if (!(error instanceof OSError)) throw error;
        own.push(["refused", classOf(error)]);
      }
    }
    await this.#inLoop(function* () {
      yield* gather(Array.from({ length: count }, one));
    });
  }

  do(actions: readonly Action[]): Promise<void> {
    const connections = this.#connections;
    return this.#inLoop(function* () {
      for (const connection of connections) connection.perform(actions);
    });
  }

  until(event: Event, least = 1, connections = 1): Promise<boolean> {
    const so = (): boolean =>
      (this.#totals.get(event) ?? 0) >= connections && // without a look at each
      this.#connections.filter((each) => each.count(event) >= least).length >= connections;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE * 1000, false);
      const happened = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.push({ so, happened });
      this.#look();
    });
  }

  converse(kind: Kind, address: Address, limit: number, operations: readonly Operation[]): Promise<Trace> {
    return this.#inLoop(() => converse(kind, address, limit, operations));
  }

  rest(seconds: number): Promise<void> {
    return new Promise((resolve) => void setTimeout(resolve, seconds * 1000));
  }

  async stop(): Promise<void> {
    this.#loop.callSoonThreadsafe(() => this.#server?.close());
  }

  async finish(): Promise<Traces> {
    const traces = { connections: this.#connections.map(({ trace }) => summed(trace)), own: this.#own };
    const [connections, server] = [this.#connections, this.#server];
    this.#connections = [];
    this.#own = [];
    this.#totals.clear();
    this.#server = null;
    await this.#inLoop(function* () {
      server?.close();
      for (const { transport } of connections) transport?.abort();
      if (server !== null) yield* server.waitClosed();
    });
    return traces;
  }

  /** Runs a coroutine in the loop. */
  #inLoop<T>(main: () => Coroutine<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#loop.callSoonThreadsafe(() => void this.#loop.createTask(main()).then(resolve, reject));
    });
  }

  happened(event: Event): void {
    this.#totals.set(event, (this.#totals.get(event) ?? 0) + 1);
    this.#look();
  }

  /** Sees whether what somebody waits for has happened. */
  #look(): void {
    const done = this.#waiting.filter(({ so }) => so());
    this.#waiting = this.#waiting.filter((each) => !done.includes(each));
    for (const { happened } of done) happened();
  }

  #connection(setup: Setup): Plain | Buffered {
    const connection = new Connection(this);
    this.#connections.push(connection);
    return connection.protocol(setup);
  }
}

function* converse(
  kind: Kind,
  address: Address,
  limit: number,
  operations: readonly Operation[],
): Coroutine<[name: string, result: unknown][]> {
  const [reader, writer] = yield* kind === "unix"
    ? openUnixConnection(address as string, { limit })
    : openConnection("127.0.0.1", address as number, { limit });
  const results: [string, unknown][] = [];
  for (const operation of operations) {
    let result: unknown;
    try {
      result = (yield* operate(reader, writer, operation)) ?? null;
    } catch (error) {
      result = classOf(error);
      if (error instanceof IncompleteReadError) result = [result, error.partial.length, error.expected];
    }
    results.push([operation[0], result instanceof Uint8Array ? result.length : result]);
  }
  (writer.transport as SocketTransport).abort();
  return results;
}

function* operate(reader: StreamReader, writer: StreamWriter, [name, argument]: Operation): Coroutine<unknown> {
  const size = argument as number;
  switch (name) {
    case "read":
      return yield* reader.read(size);
    case "exactly":
      return yield* reader.readexactly(size);
    case "line":
      return yield* reader.readline();
    case "until":
      return yield* reader.readuntil(argument as string);
    case "write":
      return writer.write(filled(size));
    case "text":
      return writer.write(bytes(String(argument)));
    case "eof":
      return writer.writeEof();
    case "drain":
      return yield* waitFor(writer.drain(), size);
    case "close":
      return writer.close();
    case "abort":
      return (writer.transport as SocketTransport).abort();
    case "waitClosed":
      return yield* writer.waitClosed();
    case "rest":
      return yield* sleep(size);
    case "look":
      return [reader.atEof(), writer.isClosing(), classOf(reader.exception())];
    default:
      throw new Error(`Cannot operate: ${name}`);
  }
}

/** What has happened on a connection, whichever protocol serves it, and what is done there. */
class Connection {
  readonly trace: unknown[][] = [];
  transport: SocketTransport | null = null;
  readonly #end: OurEnd;

  constructor(end: OurEnd) {
    this.#end = end;
  }

  protocol(setup: Setup): Plain | Buffered {
    return new (setup.buffered === undefined ? Plain : Buffered)(new Callbacks(this, setup));
  }

  note(...entry: unknown[]): void {
    this.trace.push(entry);
    this.#end.happened(entry[0] as Event);
  }

  count(event: Event): number {
    const found = this.trace.filter(([name]) => name === event);
    return event === "data" ? found.reduce((sum, [, size]) => sum + (size as number), 0) : found.length;
  }

  perform(actions: readonly Action[]): void {
    for (const action of actions) {
      try {
        this.#performOne(action);
      } catch (error) {
        this.note("raised", action[0], classOf(error));
      }
    }
  }

  #performOne([name, ...args]: Action): void {
    const transport = this.transport as SocketTransport;
    const sizes = args as number[];
    switch (name) {
      case "write":
        return transport.write(filled(sizes[0]));
      case "text":
        return transport.write(bytes(String(args[0])));
      case "writelines":
        return transport.writelines(sizes.map(filled));
      case "eof":
        return transport.writeEof();
      case "close":
        return transport.close();
      case "abort":
        return transport.abort();
      case "pause":
        return transport.pauseReading();
      case "resume":
        return transport.resumeReading();
      case "limits":
        transport.setWriteBufferLimits(sizes[0], sizes[1]);
        return this.note("limits", ...transport.getWriteBufferLimits());
      case "protocol":
        return transport.setProtocol(this.protocol(args[0] as Setup));
      case "look": {
        const isWaiting = transport.getWriteBufferSize() > 0;
        return this.note("look", transport.isClosing(), transport.isReading(), isWaiting, transport.canWriteEof());
      }
      default:
        throw new Error(`Cannot perform: ${name}`);
    }
  }
}

const filled = (size: number): Uint8Array => new Uint8Array(size).fill(120);

/** What a protocol does in its methods. */
class Callbacks {
  readonly connection: Connection;
  readonly setup: Setup;

  constructor(connection: Connection, setup: Setup) {
    this.connection = connection;
    this.setup = setup;
  }

  happened(event: Event, ...details: unknown[]): void {
    this.connection.note(event, ...details);
    this.connection.perform(this.setup.on?.[event] ?? []);
    if (this.setup.raises?.includes(event) === true) throw new Failure(event);
  }

  made(transport: SocketTransport): void {
    this.connection.transport = transport;
    this.happened("made");
  }

  eof(): boolean {
    this.happened("eof");
    return this.setup.keepsOpen ?? false;
  }
}

class Plain extends Protocol {
  readonly callbacks: Callbacks;

  constructor(callbacks: Callbacks) {
    super();
    this.callbacks = callbacks;
  }

  override connectionMade(transport: SocketTransport): void {
    this.callbacks.made(transport);
  }

  override dataReceived(data: Uint8Array): void {
    this.callbacks.happened("data", data.length);
  }

  override eofReceived(): boolean {
    return this.callbacks.eof();
  }

  override connectionLost(error: Error | null): void {
    this.callbacks.happened("lost", classOf(error));
  }

  override pauseWriting(): void {
    this.callbacks.happened("paused");
  }

  override resumeWriting(): void {
    this.callbacks.happened("resumed");
  }
}

class Buffered extends BufferedProtocol {
  readonly callbacks: Callbacks;

  constructor(callbacks: Callbacks) {
    super();
    this.callbacks = callbacks;
  }

  override connectionMade(transport: SocketTransport): void {
    this.callbacks.made(transport);
  }

  override getBuffer(): Uint8Array {
    if (this.callbacks.setup.raises?.includes("buffer") === true) throw new Failure("buffer");
    return new Uint8Array(this.callbacks.setup.buffered as number);
  }

  override bufferUpdated(count: number): void {
    this.callbacks.happened("data", count);
  }

  override eofReceived(): boolean {
    return this.callbacks.eof();
  }

  override connectionLost(error: Error | null): void {
    this.callbacks.happened("lost", classOf(error));
  }

  override pauseWriting(): void {
    this.callbacks.happened("paused");
  }

  override resumeWriting(): void {
    this.callbacks.happened("resumed");
  }
}
