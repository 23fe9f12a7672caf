import { expect, test } from "vitest";
import { BaseProtocol, BaseTransport, BufferedProtocol, DatagramProtocol, Protocol } from "wasyncio/streams";

const data = new Uint8Array(1);
const stream = new Protocol();
const buffered = new BufferedProtocol();
const datagram = new DatagramProtocol();

test("every method of every protocol does nothing", () => {
  for (const protocol of [new BaseProtocol(), stream, buffered, datagram]) {
    expect(protocol).toBeInstanceOf(BaseProtocol);
    expect(protocol.connectionMade(new BaseTransport())).toBe(undefined);
    expect(protocol.connectionLost(null)).toBe(undefined);
    expect(protocol.pauseWriting()).toBe(undefined);
    expect(protocol.resumeWriting()).toBe(undefined);
  }
  expect([stream.dataReceived(data), stream.eofReceived()]).toEqual([undefined, undefined]);
  expect([buffered.getBuffer(-1), buffered.bufferUpdated(1), buffered.eofReceived()]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([datagram.datagramReceived(data, "somewhere"), datagram.errorReceived(new Error())]).toEqual([
    undefined,
    undefined,
  ]);
});
