"""One side of a conversation of datagrams, over asyncio: what it is told, as a list of JSON."""

import asyncio
import json
import sys


class Server(asyncio.DatagramProtocol):
    def __init__(self, over):
        self.over = over

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        if data == b"end":
            self.over.set_result(None)
        else:
            self.transport.sendto(data.upper(), addr)


class Client(asyncio.DatagramProtocol):
    def __init__(self, trace):
        self.trace = trace
        self.told = asyncio.Event()

    def tell(self, *entry):
        self.trace.append(list(entry))
        self.told.set()

    async def until(self, count):
        while len(self.trace) < count:
            self.told.clear()
            await self.told.wait()

    def connection_made(self, transport):
        self.tell("made", transport.is_closing())

    def datagram_received(self, data, addr):
        self.tell("received", len(data), data[:20].decode(), list(addr)[0])

    def error_received(self, exc):
        self.tell("error", type(exc).__name__)

    def connection_lost(self, exc):
        self.tell("lost", exc)


async def serve():
    over = asyncio.get_running_loop().create_future()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Server(over), local_addr=("127.0.0.1", 0)
    )
    print(transport.get_extra_info("sockname")[1], flush=True)
    await over
    transport.close()


async def ask(port):
    trace = []
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Client(trace), remote_addr=("127.0.0.1", port)
    )
    peer = transport.get_extra_info("peername")
    trace.append(["peer", list(peer) == ["127.0.0.1", port]])
    transport.sendto(b"a")
    await protocol.until(3)
    transport.sendto(b"bb", peer)
    await protocol.until(4)
    transport.sendto(b"c" * 30_000)
    await protocol.until(5)
    try:
        transport.sendto(b"x", ("127.0.0.1", 1))
    except ValueError as error:
        trace.append(["refused", str(error).split(":")[0]])
    trace.append(["buffered", transport.get_write_buffer_size(), list(transport.get_extra_info("nothing", []))])
    transport.sendto(b"end")
    transport.close()
    transport.close()
    trace.append(["closing", transport.is_closing()])
    await protocol.until(9)
    print(json.dumps(trace), flush=True)


async def ask_nobody(port):
    trace = []
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Client(trace), remote_addr=("127.0.0.1", port)
    )
    transport.sendto(b"x")
    await protocol.until(2)
    trace.append(["closing", transport.is_closing()])
    transport.abort()
    await protocol.until(4)
    print(json.dumps(trace), flush=True)


role, *arguments = sys.argv[1:]
asyncio.run({"serve": serve, "ask": ask, "ask_nobody": ask_nobody}[role](*map(int, arguments)))
