// Requests: what is sent to the server in one go, up to the Sync behind which it is ready for the next one. All of a
// request is one round trip.

import type { Field, Submittable, TypeParser, Wire } from "./driver.ts";
import { isServerError } from "./errors.ts";

/** The columns of a result, and how to read them. */
export interface Columns {
  readonly names: readonly string[];
  readonly parsers: readonly TypeParser[];
  /** A row without its values: so that all rows of a result have one shape, and a column may have any name. */
  readonly empty: { [column: string]: unknown };
}

/** A row as the server gives it. */
export type RawRow = readonly (string | null)[];

/** A statement, and whether the server knows it by its name; without a name it is sent each time. */
export class Statement {
  readonly text: string;
  /** Its name on the server: another one each time that it is sent; "" for none. */
  name: string;
  isPrepared = false;
  /** What is known of its results; null: nothing, or that it gives none. */
  columns: Columns | null = null;

  constructor(text: string, name: string) {
    this.text = text;
    this.name = name;
  }
}

/** A request. It is over when the server is ready for the next one: then `whenReady` is called. */
export abstract class Request implements Submittable {
  /** What it has failed with: the server's word, as the driver has it, or an error of our own. */
  error: Error | null = null;
  /** What the server says that it did: "INSERT 0 1"; of the last statement, if there are several. */
  tag = "";
  /** Whether there may be more rows than were asked for. */
  isSuspended = false;
  /** Whether it has done all, or failed. */
  isOver = false;
  /** Called when it is over. */
  readonly whenOver: (() => void)[] = [];
  /** What is sent in the same write, behind this one. */
  follower: Request | null = null;
  isSent = false;

  get hasSucceeded(): boolean {
    return this.isOver && this.error === null;
  }

  /** Its turn has come: it is sent, unless that was done together with the one before. */
  submit(wire: Wire): null {
    if (this.isSent) return null;
    this.isSent = true;
    wire.stream.cork?.();
    try {
      this.send(wire);
      this.follower?.submit(wire);
    } finally {
      wire.stream.uncork?.();
    }
    return null;
  }

  /** It has done all, or failed. */
  over(): void {
    this.isOver = true;
    for (const tell of this.whenOver) tell();
  }

  protected abstract send(wire: Wire): void;

  handleRowDescription(_message: { fields: readonly Field[] }): void {}
  handleDataRow(_message: { fields: RawRow }): void {}

  handleCommandComplete({ text }: { text: string }): void {
    this.tag = text;
  }

  handlePortalSuspended(): void {
    this.isSuspended = true;
  }

  handleEmptyQuery(): void {}

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail("there is nothing to copy from");
  }

  handleCopyData(): void {}
  handleReadyForQuery(): void {}

  /** The server has refused; or else the connection is lost, which is told otherwise. */
  handleError(error: Error): void {
    if (isServerError(error)) this.error ??= error;
  }
}

/** Statements without arguments, sent as they are. */
export class SimpleRequest extends Request {
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  protected override send(wire: Wire): void {
    wire.query(this.#text);
  }
}

/** How a request finds the parser of a type. */
export type ParserOf = (oid: number, format: string) => TypeParser;

/** What a request with a statement needs. */
export interface Prepared {
  readonly statement: Statement;
  readonly parserOf: ParserOf;
  /** Names that the server may forget. */
  readonly forgotten: readonly string[];
}

/** A statement by its name, which the server is told if it does not know it. */
abstract class StatementRequest extends Request {
  protected readonly statement: Statement;
  /** Of what it gives; null: not known yet, or none. */
  columns: Columns | null;
  readonly #parserOf: ParserOf;
  readonly #forgotten: readonly string[];

  constructor({ statement, parserOf, forgotten }: Prepared) {
    super();
    this.statement = statement;
    this.columns = statement.columns;
    this.#parserOf = parserOf;
    this.#forgotten = forgotten;
  }

  protected prepare(wire: Wire): void {
    const { name, text, isPrepared } = this.statement;
    for (const other of this.#forgotten) wire.close({ type: "S", name: other });
    if (!isPrepared) wire.parse({ name, text, types: [] });
  }

  /** The server that waits for data has read over the Sync, and behind a failure it waits for one. */
  override handleCopyInResponse(wire: Wire): void {
    super.handleCopyInResponse(wire);
    wire.sync();
  }

  override handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    const names = fields.map(({ name }) => name);
    this.columns = {
      names,
      empty: Object.fromEntries(names.map((name) => [name, null])),
      parsers: fields.map(({ dataTypeID, format }) => this.#parserOf(dataTypeID, format)),
    };
    this.statement.columns = this.columns;
  }
}

/** Has the server look at a statement, and learns its columns. */
export class PrepareRequest extends StatementRequest {
  protected override send(wire: Wire): void {
    this.prepare(wire);
    wire.describe({ type: "S", name: this.statement.name });
    wire.sync();
  }
}

/** Makes a value of a row. */
export type Shape<R> = (row: RawRow, columns: Columns) => R;

/** Which rows of a statement: those of a portal that is opened here, or was before. */
export interface Portal {
  /** Its name, "" for one that ends with the request. */
  readonly name: string;
  /** Values to open it with; null: it is open. */
  readonly values: readonly unknown[] | null;
  /** Of one that is open: its columns, whatever has become of its statement since it was opened. */
  readonly columns?: Columns | null;
  /** Rows to fetch; 0: all. */
  readonly rows: number;
}

/** Runs a statement, or goes on with it, and gives its rows. */
export class FetchRequest<R> extends StatementRequest {
  readonly rows: R[] = [];
  readonly #portal: Portal;
  readonly #shape: Shape<R>;

  constructor(prepared: Prepared, portal: Portal, shape: Shape<R>) {
    super(prepared);
    this.#portal = portal;
    this.#shape = shape;
    if (portal.values === null) this.columns = portal.columns ?? null;
  }

  protected override send(wire: Wire): void {
    const { name: portal, values, rows } = this.#portal;
    if (values !== null) {
      this.prepare(wire);
      wire.bind({ portal, statement: this.statement.name, values });
      // What gives no rows is asked again: a statement says so by NoData, which the driver does not pass on.
      if (this.columns === null) wire.describe({ type: "P", name: portal });
    }
    wire.execute({ portal, rows });
    wire.sync();
  }

  override handleDataRow({ fields }: { fields: RawRow }): void {
    if (this.error !== null) return;
    try {
      this.rows.push(this.#shape(fields, this.columns as Columns));
    } catch (error) {
      this.error = error as Error; // a parser's of the program's
    }
  }
}

/** Runs a statement once for each list of values, all or nothing: there is one Sync. */
export class ManyRequest extends StatementRequest {
  readonly #all: readonly (readonly unknown[])[];

  constructor(prepared: Prepared, all: readonly (readonly unknown[])[]) {
    super(prepared);
    this.#all = all;
  }

  protected override send(wire: Wire): void {
    this.prepare(wire);
    for (const values of this.#all) {
      wire.bind({ portal: "", statement: this.statement.name, values });
      wire.execute({ portal: "", rows: 0 });
    }
    wire.sync();
  }
}

/** Ends a portal. */
export class ClosePortalRequest extends Request {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  protected override send(wire: Wire): void {
    wire.close({ type: "P", name: this.#name });
    wire.sync();
  }
}
