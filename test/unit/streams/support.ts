// What the tests of streams share: bytes as text, and a transport that writes down what it is asked for.

import { Transport } from "wasyncio/streams";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** A transport that logs the calls that reach it. */
export class LoggingTransport extends Transport {
  readonly log: unknown[];
  closing = false;

  constructor(log: unknown[] = [], extra: Record<string, unknown> = {}) {
    super(extra);
    this.log = log;
  }

  override pauseReading(): void {
    this.log.push("pause");
  }

  override resumeReading(): void {
    this.log.push("resume");
  }

  override write(data: Uint8Array): void {
    this.log.push(["write", text(data)]);
  }

  override writeEof(): void {
    this.log.push("eof");
  }

  override canWriteEof(): boolean {
    return true;
  }

  override close(): void {
    this.closing = true;
    this.log.push("close");
  }

  override isClosing(): boolean {
    return this.closing;
  }

  override toString(): string {
    return "<LoggingTransport>";
  }
}
