// A transport that writes down what it is asked for, and sends nothing.

import { Transport } from "wasyncio/streams";
import { text } from "./bytes.ts";

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
