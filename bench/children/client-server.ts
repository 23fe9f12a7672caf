// What clients are measured with: a server of one short answer, in a process of its own. Prints its port.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const BODY = Buffer.from("ok ".repeat(100));

const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": BODY.length }).end(BODY);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 1024, () => console.log(JSON.stringify((server.address() as AddressInfo).port)));
