// TRANSPORT: transports and protocols.

import { Protocol, Transport } from "wasyncio/streams";
import { type Facts, excused } from "../fact.ts";
import { attempt } from "../../../support/outcomes.ts";

const SOCKETS = "needs sockets, which are not there yet";

export const facts: Facts = {
  "TRANSPORT-01": excused(SOCKETS),
  "TRANSPORT-02": excused(SOCKETS),
  "TRANSPORT-03": excused(SOCKETS),
  "TRANSPORT-04": excused(SOCKETS),
  "TRANSPORT-05": excused(SOCKETS),
  "TRANSPORT-06": excused(SOCKETS),
  "TRANSPORT-07": excused(SOCKETS),
  "TRANSPORT-08": excused(SOCKETS),
  "TRANSPORT-09": excused(SOCKETS),
  "TRANSPORT-10": excused(SOCKETS),
  "TRANSPORT-11": excused(SOCKETS),
  "TRANSPORT-12": () => [
    attempt(() => new Transport().write(new Uint8Array())),
    attempt(() => new Protocol().dataReceived(new Uint8Array())),
  ],
  "TRANSPORT-13": excused(SOCKETS),
  "TRANSPORT-14": excused(SOCKETS),
  "TRANSPORT-15": excused("file descriptors do not exist in JavaScript"),
  "TRANSPORT-16": excused(SOCKETS),
};
