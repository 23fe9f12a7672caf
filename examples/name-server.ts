// A name server: it answers queries for IPv4 addresses from a table, over UDP.
//
// PORT=5353 node scripts/run-ts.mjs examples/name-server.ts router.home=192.168.1.1 nas.home=192.168.1.2,192.168.1.3
// dig -p 5353 @127.0.0.1 nas.home

import process from "node:process";
import { type Coroutine, Event, getRunningLoop, run } from "wasyncio";
import { DatagramProtocol, type DatagramTransport, createDatagramEndpoint } from "wasyncio/streams";
import {
  FORMAT_ERROR,
  NAME_ERROR,
  NOT_IMPLEMENTED,
  NO_ERROR,
  answer,
  asksForAddresses,
  isStandard,
  parse,
} from "./name-server/message.ts";

/** Seconds for which an answer may be kept. */
const TTL = 60;

type Table = ReadonlyMap<string, readonly string[]>;

class NameServer extends DatagramProtocol {
  readonly #table: Table;
  #transport: DatagramTransport | null = null;

  constructor(table: Table) {
    super();
    this.#table = table;
  }

  override connectionMade(transport: DatagramTransport): void {
    this.#transport = transport;
  }

  override datagramReceived(data: Uint8Array, addr: unknown): void {
    const reply = this.#reply(data);
    if (reply !== null) this.#transport?.sendto(reply, addr);
  }

  override errorReceived(error: Error): void {
    console.error(`not sent: ${error.message}`);
  }

  #reply(data: Uint8Array): Uint8Array | null {
    const query = parse(data);
    if (query === null) return null;
    if (!isStandard(query)) return answer(query, NOT_IMPLEMENTED, [], TTL);
    if (query.question.length === 0) return answer(query, FORMAT_ERROR, [], TTL);
    const addresses = this.#table.get(query.name);
    if (addresses === undefined) return answer(query, NAME_ERROR, [], TTL);
    return answer(query, NO_ERROR, asksForAddresses(query) ? addresses : [], TTL);
  }
}

/** "nas.home=192.168.1.2,192.168.1.3" for each name. */
function tableOf(entries: readonly string[]): Table {
  return new Map(
    entries.map((entry) => {
      const [name = "", addresses = ""] = entry.split("=");
      const list = addresses.split(",");
      if (name === "" || !list.every((address) => /^(\d{1,3}\.){3}\d{1,3}$/.test(address)))
        throw new RangeError(`not a name and its addresses: ${entry}`);
      return [name.toLowerCase(), list];
    }),
  );
}

function* main(): Coroutine<void> {
  const table = tableOf(process.argv.slice(2));
  const port = Number(process.env["PORT"] ?? 5353);
  const [transport] = yield* createDatagramEndpoint(() => new NameServer(table), { localAddr: ["127.0.0.1", port] });
  const [host, bound] = transport.getExtraInfo("sockname") as [string, number];
  console.log(`listening on ${host} ${bound}`);
  const stop = new Event();
  getRunningLoop().addSignalHandler("SIGTERM", () => stop.set());
  yield* stop.wait();
  transport.close();
  console.log("closed");
}

await run(main);
