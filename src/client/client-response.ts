/// <reference lib="esnext.disposable" preserve="true" />
// A response: its head, which is there, and its body, which comes.

import type { Coroutine } from "../runtime/suspension.ts";
import type { HttpHead } from "../drivers/http.ts";
import { checkNames } from "../support/checks.ts";
import { Shown } from "../support/shown.ts";
import { operation } from "../waiting/operation.ts";
import type { ContentReader } from "./content-reader.ts";
import { ClientConnectionError, ClientResponseError, ContentTypeError, type RequestInfo } from "./errors.ts";

/** Options of `json`. */
export interface JsonOptions {
  /** The type that the body has to be of; null: any. Default: "application/json", and what ends with "+json". */
  contentType?: string | null;
}

/** What a response needs of what brings it. */
export interface Delivery {
  readonly content: ContentReader;
  readonly isReleased: boolean;
  /** Ends it, and gives its place back. What has not come fails. */
  release(): void;
  /** All of the body was read. */
  wasRead(): void;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+?\+)?json$/i;

/**
 * The answer to a request. Mirrors aiohttp.ClientResponse. What is read of the body after the block of the request
 * fails, unless it was read there.
 */
export class ClientResponse extends Shown implements Disposable {
  /** @internal */
  static override readonly name: string = "ClientResponse";
  /** The method of the request that was answered, which redirects may have changed. */
  readonly method: string;
  /** The address that has answered. */
  readonly url: URL;
  readonly status: number;
  readonly reason: string;
  /** The answers that led here, by redirects; the first one first. */
  readonly history: readonly ClientResponse[];
  readonly requestInfo: RequestInfo;
  /** The body as it comes. Mirrors ClientResponse.content. */
  readonly content: ContentReader;
  readonly #rawHeaders: readonly string[];
  readonly #delivery: Delivery;
  #headers: Headers | null = null;
  #body: Uint8Array | null = null;

  /** @internal */
  constructor(head: HttpHead, requestInfo: RequestInfo, history: readonly ClientResponse[], delivery: Delivery) {
    super();
    this.method = requestInfo.method;
    this.url = head.url === null ? requestInfo.url : new URL(head.url);
    this.status = head.status;
    this.reason = head.reason;
    this.history = history;
    this.requestInfo = requestInfo;
    this.content = delivery.content;
    this.#rawHeaders = head.headers;
    this.#delivery = delivery;
  }

  /** Whether the status is less than 400. Mirrors ClientResponse.ok. */
  get ok(): boolean {
    return this.status < 400;
  }

  get headers(): Headers {
    return (this.#headers ??= headersOf(this.#rawHeaders));
  }

  /** Names and values as they came, in turn; where the host tells. Mirrors ClientResponse.raw_headers. */
  get rawHeaders(): readonly string[] {
    return this.#rawHeaders;
  }

  /** The cookies that this answer sets, by name. Mirrors ClientResponse.cookies. */
  get cookies(): ReadonlyMap<string, string> {
    const pairs = this.headers.getSetCookie().map((header) => header.split(";", 1)[0]);
    return new Map(
      pairs
        .filter((pair) => pair.includes("="))
        .map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.slice(pair.indexOf("=") + 1)]),
    );
  }

  /** The type without its parameters; "application/octet-stream" when there is none. Mirrors content_type. */
  get contentType(): string {
    return (this.headers.get("content-type") ?? "").split(";", 1)[0].trim().toLowerCase() || "application/octet-stream";
  }

  /** The charset that the type names, or null. Mirrors ClientResponse.charset. */
  get charset(): string | null {
    return /;\s*charset="?([^\s;"]+)/i.exec(this.headers.get("content-type") ?? "")?.[1].toLowerCase() ?? null;
  }

  /** Whether it was released, or all was read. Mirrors ClientResponse.closed. */
  get closed(): boolean {
    return this.#delivery.isReleased || this.content.atEof();
  }

  /**
   * All of the body; the same bytes each time. Mirrors ClientResponse.read.
   * @throws ClientPayloadError when it does not come whole
   * @throws TimeoutError when the request has taken too long
   * @throws ClientConnectionError after the block
   */
  read(): Coroutine<Uint8Array> {
    return operation("ClientResponse.read", this.#read());
  }

  *#read(): Coroutine<Uint8Array> {
    if (this.#body !== null) return this.#body;
    if (this.#delivery.isReleased) throw new ClientConnectionError("Connection closed: the response was released");
    this.#body = yield* this.content.read();
    this.#delivery.wasRead();
    return this.#body;
  }

  /** As `read`. */
  bytes(): Coroutine<Uint8Array> {
    return this.read();
  }

  /**
   * All of the body as text. Mirrors ClientResponse.text.
   * @param encoding default: the charset that the headers name, if there is one of that name, else "utf-8"
   * @throws RangeError for an encoding that there is not
   * @throws TypeError for bytes that are no text in that
   */
  text(encoding?: string): Coroutine<string> {
    return operation("ClientResponse.text", this.#text(encoding));
  }

  *#text(encoding?: string): Coroutine<string> {
    const decoder = encoding === undefined ? decoderFor(this.charset) : new TextDecoder(encoding, { fatal: true });
    return decoder.decode(yield* this.#read());
  }

  /**
   * The value of which the body is the JSON text; null for an empty one. Mirrors ClientResponse.json.
   * @param options.contentType the type that the body has to be of; null: any. Default: that of JSON
   * @throws ContentTypeError when it is of another type
   * @throws SyntaxError for what is no JSON
   */
  json<T = unknown>(options: JsonOptions = {}): Coroutine<T> {
    const { contentType = "application/json" } = checkNames(options, ["contentType"]);
    return operation("ClientResponse.json", this.#json<T>(contentType));
  }

  *#json<T>(expected: string | null): Coroutine<T> {
    const { contentType } = this;
    const isExpected = expected === "application/json" ? JSON_TYPE.test(contentType) : contentType === expected;
    if (expected !== null && !isExpected) {
      const { requestInfo, history, status, headers } = this;
      const message = `Attempt to decode JSON with unexpected mimetype: ${headers.get("content-type") ?? ""}`;
      throw new ContentTypeError(message, { requestInfo, history, status, headers });
    }
    const text = (yield* this.#text()).trim();
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  /**
   * Throws for a status from 400 on, and gives the response back. Mirrors ClientResponse.raise_for_status.
   * @throws ClientResponseError
   */
  raiseForStatus(): void {
    if (this.ok) return;
    const { requestInfo, history, status, headers, reason } = this;
    this.release();
    throw new ClientResponseError(reason, { requestInfo, history, status, headers });
  }

  /**
   * Gives the place back; the connection is kept if all of the answer has come, else closed. The end of the block does
   * so. Mirrors ClientResponse.release.
   */
  release(): void {
    this.#delivery.release();
  }

  /** As `release`: a connection on which there is more to come is closed. Mirrors ClientResponse.close. */
  close(): void {
    this.release();
  }

  /** As `release`: for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** "<ClientResponse(http://localhost/) [200 OK]>". */
  override toString(): string {
    return `<ClientResponse(${this.url.href}) [${this.status} ${this.reason}]>`;
  }
}

/** Of the charset that a server names, who may name anything. */
function decoderFor(charset: string | null): TextDecoder {
  try {
    return new TextDecoder(charset ?? "utf-8", { fatal: true });
  } catch {
    return new TextDecoder("utf-8", { fatal: true });
  }
}

/** Headers of names and values in turn. Values that there cannot be are left out: a server may send anything. */
export function headersOf(flat: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i < flat.length; i += 2) {
    try {
      headers.append(flat[i], flat[i + 1]);
    } catch {
      // A byte that is in no header.
    }
  }
  return headers;
}
