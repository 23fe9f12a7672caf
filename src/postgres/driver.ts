// node-postgres, as far as it is used: it connects and proves who we are, frames messages and knows types. Which
// message follows which is our own matter (`requests.ts`), because its queries can neither be cancelled nor fetch one
// row.

import pg from "pg";

/** Where messages to the server are written. */
export interface Wire {
  readonly stream: { cork?(): void; uncork?(): void; destroy(): void };
  query(text: string): void;
  parse(message: { name: string; text: string; types: readonly number[] }): void;
  bind(message: { portal: string; statement: string; values: readonly unknown[] }): void;
  describe(message: { type: "P" | "S"; name: string }): void;
  execute(message: { portal: string; rows: number }): void;
  close(message: { type: "P" | "S"; name: string }): void;
  sync(): void;
  sendCopyFail(reason: string): void;
  on(event: "readyForQuery", listener: (message: { status: TransactionStatus }) => void): void;
  /** Has what comes by a stream read. */
  attachListeners(stream: Incoming): void;
}

/** Where messages of the server come from. */
interface Incoming {
  on(event: string, listener: (data: unknown) => void): unknown;
  destroy(error: Error): void;
}

/** Of a connection: in no transaction, in one, or in one that has failed. */
export type TransactionStatus = "I" | "T" | "E";

/** A column of a result. */
export interface Field {
  readonly name: string;
  readonly dataTypeID: number;
  readonly format: string;
}

/** What the client asks to be sent, and tells what has come. */
export interface Submittable {
  submit(wire: Wire): Error | null;
  handleRowDescription(message: { fields: readonly Field[] }): void;
  handleDataRow(message: { fields: readonly (string | null)[] }): void;
  handleCommandComplete(message: { text: string }): void;
  handlePortalSuspended(): void;
  handleEmptyQuery(): void;
  handleCopyInResponse(wire: Wire): void;
  handleCopyData(): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
}

/** What gives the value of a column for its text. */
export type TypeParser = (text: string) => unknown;

/** A notification of another session's. */
export interface NotificationMessage {
  readonly channel: string;
  readonly payload?: string;
  readonly processId: number;
}

export interface Client {
  readonly connection: Wire;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly ssl: unknown;
  readonly sslNegotiation?: string;
  readonly processID: number;
  readonly secretKey: number;
  connect(callback: (error: Error | null) => void): void;
  query(submittable: Submittable): void;
  end(callback: () => void): void;
  getTypeParser(oid: number, format: string): TypeParser;
  on(event: "notification", listener: (message: NotificationMessage) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "end", listener: () => void): void;
}

/** What the client is told; it reads the environment for the rest, as psql does. */
export interface ClientConfig {
  readonly connectionString?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string | (() => string | Promise<string>);
  readonly database?: string;
  readonly ssl?: unknown;
  readonly options?: string;
  readonly application_name?: string;
  readonly types?: { getTypeParser(oid: number, format: string): TypeParser };
}

/** A connection that only asks for another one's statement to be cancelled. */
interface CancelConnection {
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  readonly stream: { destroy(): void };
  on(event: "connect" | "sslconnect" | "end", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
}

interface Driver {
  readonly Client: new (config: ClientConfig) => Client;
  readonly Connection: new (config: { ssl: unknown; sslNegotiation?: string | undefined }) => CancelConnection;
  readonly utils: { prepareValue(value: unknown): unknown };
  escapeIdentifier(name: string): string;
}

const { Client, Connection, utils, escapeIdentifier } = pg as unknown as Driver;

export { escapeIdentifier };

/** A client that is not connected yet. What the server says and nobody understands loses the connection. */
export function newClient(config: ClientConfig): Client {
  const client = new Client(config);
  const { connection } = client;
  const attach = connection.attachListeners;
  // What reads messages throws out of the socket's own event, where nobody could catch it.
  connection.attachListeners = (stream) =>
    attach.call(connection, {
      destroy: (error) => stream.destroy(error),
      on: (event, listener) =>
        stream.on(event, (data) => {
          try {
            listener(data);
          } catch (error) {
            stream.destroy(error as Error);
          }
        }),
    });
  return client;
}

/** A value as it is sent. Throws what its conversion throws. */
export function prepareValue(value: unknown): unknown {
  return utils.prepareValue(value);
}

/**
 * Asks the server to cancel what a client's session does, by a connection of its own. The server closes that one when
 * it has passed the word on, so that nothing can be hit any more: `closed` is called then. Returns what gives it up.
 */
export function requestCancel(client: Client, closed: () => void): () => void {
  const { host, port, ssl, sslNegotiation, processID, secretKey } = client;
  const connection = new Connection({ ssl, sslNegotiation });
  const cancel = (): void => connection.cancel(processID, secretKey);
  connection.on("connect", () => {
    if (!ssl) cancel();
    else if (sslNegotiation !== "direct") connection.requestSsl();
  });
  connection.on("sslconnect", cancel);
  connection.on("error", () => {}); // it ends then, too, and who waits has a time limit
  connection.on("end", closed);
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
  return () => connection.stream.destroy();
}
