// One end of connections, told what to do step by step; which of both it is, ours or CPython's, shows in nothing.

/** What a protocol or whoever holds its transport does: a name and its arguments. */
export type Action =
  | readonly ["write" | "limits", ...sizes: (number | null)[]]
  | readonly ["writelines", ...sizes: number[]]
  | readonly ["eof" | "close" | "abort" | "reset" | "pause" | "resume" | "look"]
  | readonly ["text", text: string]
  | readonly ["protocol", setup: Setup];

/** What is done with the streams of a connection: a name and its arguments. */
export type Operation = readonly [name: string, ...args: (number | string)[]];

export type Event = "made" | "connected" | "data" | "eof" | "lost" | "paused" | "resumed";

/** How a protocol behaves. */
export interface Setup {
  /** What it does in its methods. */
  readonly on?: Partial<Readonly<Record<Event, readonly Action[]>>>;
  /** What `eofReceived` returns. */
  readonly keepsOpen?: boolean;
  /** Its methods that end with an error, "buffer" for `getBuffer`. */
  readonly raises?: readonly (Event | "buffer")[];
  /** A BufferedProtocol with so many bytes at a time. */
  readonly buffered?: number;
}

export type Kind = "tcp" | "unix";

/** A port, or a path. */
export type Address = number | string;

/** Seconds after which nothing more is expected to happen: the traces then show what did. */
export const PATIENCE = 30;

/** What has happened, in order: bytes that came one after the other are summed. */
export type Trace = readonly (readonly unknown[])[];

export interface Traces {
  /** Of each connection. */
  readonly connections: readonly Trace[];
  /** What belongs to none: reports, connections that were refused. */
  readonly own: Trace;
}

export interface End {
  listen(kind: Kind, path: string | null, setup: Setup): Promise<Address>;
  connect(kind: Kind, address: Address, setup: Setup, count?: number): Promise<void>;
  /** Does something on all connections, in one callback of the loop. */
  do(actions: readonly Action[]): Promise<void>;
  /**
   * Waits until something has happened at least so often (data: so many bytes) on so many connections. Gives false when
   * it does not happen.
   */
  until(event: Event, least?: number, connections?: number): Promise<boolean>;
  /** What each operation on the streams of a new connection gives. */
  converse(kind: Kind, address: Address, limit: number, operations: readonly Operation[]): Promise<Trace>;
  rest(seconds: number): Promise<void>;
  /** Listens no more. */
  stop(): Promise<void>;
  /** Closes everything, and tells what has happened. */
  finish(): Promise<Traces>;
}

/** Adjacent data events as one: how bytes are cut into pieces is the system's matter. */
export function summed(trace: Trace): Trace {
  const result: (readonly unknown[])[] = [];
  for (const entry of trace) {
    const last = result.at(-1);
    if (entry[0] === "data" && last?.[0] === "data") {
      result[result.length - 1] = ["data", (last[1] as number) + (entry[1] as number)];
    } else {
      result.push(entry);
    }
  }
  return result;
}
