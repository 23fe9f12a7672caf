// A transport over a socket of datagrams: what comes is told one by one, each in an iteration of its own, as a selector
// does it.

import type { DatagramEnd, InetAddress } from "../drivers/network.ts";
import { type Fault, osError } from "../errors/os.ts";
import { Source } from "../runtime/arrivals.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { writeLog } from "../runtime/reports.ts";
import { format } from "../support/format.ts";
import { checkBytes } from "../streams/bytes.ts";
import type { DatagramProtocol } from "../streams/protocols.ts";
import { DatagramTransport } from "../streams/transports.ts";
import { checkPort, checkProtocol } from "./checks.ts";
import { familyOf } from "./names.ts";
import { TransportSocket, addressText } from "./transport-socket.ts";
import { SILENT_WRITES, WriteFlow } from "./write-flow.ts";

/** Bytes of datagrams that may wait to be told: further ones are lost, as in a socket whose buffer is full. */
const MOST_WAITING = 4 * 1024 * 1024;

/** What has come, or a fault. */
type Incoming = { readonly data: Uint8Array; readonly from: InetAddress } | { readonly fault: Fault };

/** A socket of datagrams. Mirrors asyncio's transport of datagrams. */
export class SocketDatagramTransport extends DatagramTransport {
  /** @internal */
  static override readonly name: string = "SocketDatagramTransport";
  readonly #loop: EventLoop;
  readonly #end: DatagramEnd;
  /** The only address to send to; null: any. */
  readonly #remote: InetAddress | null;
  readonly #source: Source;
  readonly #flow: WriteFlow;
  /** Lets go of the end, as the loop does when it is closed. */
  readonly #leave: () => void;
  #protocol: DatagramProtocol;
  #incoming: Incoming[] = [];
  #incomingSize = 0;
  #isReading = false;
  #isClosing = false;
  /** Whether the end is closed: it tells nothing any more, and takes nothing. */
  #isGone = false;
  /** 0 while the socket is open; then one more than the datagrams that came too late. */
  #lost = 0;
  #isLostTold = false;

  /** @internal `connectionMade` is called soon, then `waiter` is settled, and receiving begins. */
  constructor(
    loop: EventLoop,
    end: DatagramEnd,
    protocol: DatagramProtocol,
    remote: InetAddress | null,
    waiter: Future<void>,
  ) {
    const { localAddress, remoteAddress } = end;
    const socket = new TransportSocket(localAddress, remoteAddress);
    super({ socket, sockname: localAddress, peername: remoteAddress });
    this.#loop = loop;
    this.#end = end;
    this.#protocol = protocol;
    this.#remote = remote;
    this.#source = new Source(loop, "datagrams", () => this.#takeIn());
    this.#flow = new WriteFlow(loop, this);
    this.#leave = loop.arrivals.listen(() => this.#release());
    end.start(this);
    loop.callSoon(() => this.#protocol.connectionMade(this));
    loop.callSoon(() => {
      if (!waiter.done()) waiter.setResult();
      this.#startReading(); // behind the waiter: who waits goes on before anything is told
    });
  }

  // ── What the end tells ─────────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  received(data: Uint8Array, from: InetAddress): void {
    if (this.#isClosing || this.#incomingSize > MOST_WAITING) return;
    this.#incomingSize += data.length;
    this.#take({ data, from });
  }

  /** @internal */
  refused(fault: Fault): void {
    this.#take({ fault });
  }

  /** Nothing is told before connectionMade was, and who opened the endpoint has it. */
  #take(incoming: Incoming): void {
    this.#incoming.push(incoming);
    if (this.#isReading) this.#post();
  }

  /** @internal */
  drained(): void {
    this.#post();
  }

  /** @internal */
  closed(): void {
    this.#isGone = true;
    if (this.#isReading) this.#post();
  }

  #post(): void {
    if (this.#isLostTold || this.#source.post()) return;
    this.#end.close(); // there is no memory to tell of anything
  }

  #startReading(): void {
    this.#isReading = true;
    if (this.#incoming.length > 0 || this.#isGone) this.#post();
  }

  #takeIn(): void {
    this.#loop.arrivals.admit("datagrams");
    this.#goOnWriting();
    if (!this.#isReading || this.#isLostTold) return;
    const next = this.#incoming.shift();
    if (next === undefined) {
      if (this.#isGone) this.#forceClose();
      return;
    }
    if (this.#incoming.length > 0 || this.#isGone) this.#source.post();
    if ("fault" in next) return this.#protocol.errorReceived(osError(next.fault));
    this.#incomingSize -= next.data.length;
    if (!this.#isClosing) this.#protocol.datagramReceived(next.data, next.from);
  }

  // ── Sending ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends a datagram, also one without bytes; does not wait. What the system refuses is told by `errorReceived`, later.
   * Mirrors DatagramTransport.sendto.
   * @param addr where to, an IP address and a port; default: the remote address
   * @throws TypeError for what is not a Uint8Array or no such address, and without one where there is no remote address
   * @throws RangeError for another address than the remote one, and for a port out of range
   */
  override sendto(data: Uint8Array, addr: unknown = null): void {
    checkBytes(data);
    const to = this.#destination(addr);
    if (this.#lost > 0) return this.#warnOfSend();
    if (this.#isGone) return; // it is about to be told that the socket is lost
    this.#end.send(data, this.#end.remoteAddress === null ? to : null);
    this.#flow.grew(this.#end.pending);
  }

  #destination(addr: unknown): InetAddress {
    const remote = this.#remote;
    if (addr === null || addr === undefined) {
      if (remote === null) throw new TypeError("Invalid addr: there is no remote address, so a datagram needs one");
      return remote;
    }
    const to = checkDestination(addr);
    if (remote !== null && (to[0] !== remote[0] || to[1] !== remote[1]))
      throw new RangeError(`Invalid address: must be null or ${addressText(remote)}`);
    return to;
  }

  #warnOfSend(): void {
    if (this.#lost >= SILENT_WRITES) writeLog(this.#loop.host, "warning", "socket.send() raised exception.");
    this.#lost++;
  }

  /** Number of bytes that wait to be sent, with 8 for each datagram. Mirrors WriteTransport.get_write_buffer_size. */
  getWriteBufferSize(): number {
    return this.#isGone ? 0 : this.#end.pending;
  }

  /** The two marks in bytes. Mirrors WriteTransport.get_write_buffer_limits. */
  getWriteBufferLimits(): [low: number, high: number] {
    const { low, high } = this.#flow.limits;
    return [low, high];
  }

  /**
   * Sets how many bytes may wait to be sent before the protocol is told to pause, and how many at most when it is told
   * to go on. Mirrors WriteTransport.set_write_buffer_limits.
   * @param high default: four times `low`, or 65,536
   * @param low default: a quarter of `high`
   * @throws TypeError for what is not a number of bytes
   * @throws RangeError for marks in the wrong order
   */
  setWriteBufferLimits(high: number | null = null, low: number | null = null): void {
    this.#flow.setLimits(high, low);
    this.#flow.grew(this.getWriteBufferSize());
  }

  #goOnWriting(): void {
    this.#flow.shrank(this.getWriteBufferSize());
    if (this.#isClosing && this.#lost === 0 && this.getWriteBufferSize() === 0) this.#loseSoon();
  }

  // ── The end ────────────────────────────────────────────────────────────────────────────────────────────────────

  override isClosing(): boolean {
    return this.#isClosing;
  }

  override close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.getWriteBufferSize() === 0) this.#loseSoon();
  }

  override abort(): void {
    this.#forceClose();
  }

  #forceClose(): void {
    if (this.#lost > 0) return;
    this.#isClosing = true;
    this.#loseSoon();
  }

  #loseSoon(): void {
    this.#lost = 1;
    this.#loop.callSoon(() => {
      this.#isLostTold = true;
      try {
        this.#protocol.connectionLost(null);
      } finally {
        this.#leave();
      }
    });
  }

  #release(): void {
    this.#isLostTold = true;
    this.#isClosing = true;
    this.#lost ||= 1;
    this.#source.close();
    this.#incoming = [];
    if (this.#isGone) return;
    this.#isGone = true;
    this.#end.close();
  }

  override setProtocol(protocol: DatagramProtocol): void {
    checkProtocol(protocol);
    this.#protocol = protocol;
  }

  override getProtocol(): DatagramProtocol {
    return this.#protocol;
  }

  /** "<SocketDatagramTransport ('127.0.0.1', 1234) to ('127.0.0.1', 53) bufsize=0>". */
  override toString(): string {
    const state = this.#isLostTold ? " closed" : this.#isClosing ? " closing" : "";
    const { localAddress } = this.#end;
    const to = this.#remote === null ? "" : ` to ${addressText(this.#remote)}`;
    return `<SocketDatagramTransport${state} ${addressText(localAddress)}${to} bufsize=${this.getWriteBufferSize()}>`;
  }
}

/** An IP address and a port. Throws TypeError or RangeError for anything else. */
function checkDestination(addr: unknown): InetAddress {
  if (!Array.isArray(addr) || (addr.length !== 2 && addr.length !== 4) || typeof addr[0] !== "string")
    throw new TypeError(`Invalid addr: expected a host and a port, got ${format(addr)}`);
  if (familyOf(addr[0]) === 0) throw new TypeError(`Invalid addr: expected an IP address, got ${format(addr[0])}`);
  const port = checkPort(addr[1], "addr");
  if (port === null) throw new TypeError(`Invalid addr: expected a host and a port, got ${format(addr)}`);
  return [addr[0], port];
}
