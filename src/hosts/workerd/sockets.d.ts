/** What is used of workerd's sockets, which its bundlers leave to it. */
declare module "cloudflare:sockets" {
  interface WorkerdSocket {
    /** Settled when the connection stands, or cannot be made. */
    readonly opened: Promise<{ readonly remoteAddress?: string; readonly localAddress?: string }>;
    readonly closed: Promise<void>;
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    close(): Promise<void>;
    /** A socket that takes the place of this one, whose streams must be free. */
    startTls(options: { expectedServerHostname?: string }): WorkerdSocket;
  }
  export function connect(
    address: { hostname: string; port: number },
    options: { allowHalfOpen: boolean; secureTransport: "starttls" },
  ): WorkerdSocket;
}
