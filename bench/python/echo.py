"""`echo.py LOOP SIDE [CERTIFICATE KEY]`: a server that sends back what comes, on asyncio or uvloop, with TLS where there is
a certificate. Prints {"port": ...}; at each SIGUSR2 collects garbage, and prints its memory.
"""

import asyncio
import gc
import json
import os
import signal
import socket
import ssl
import sys

loop_name, side, *files = sys.argv[1:]
if loop_name == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class EchoDatagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data, address)


def send_at_once(writer):
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def on_chunks(reader, writer):
    send_at_once(writer)
    while data := await reader.read(102_400):
        writer.write(data)
    writer.close()


async def on_lines(reader, writer):
    send_at_once(writer)
    while line := await reader.readline():
        writer.write(line)
    writer.close()


def print_memory():
    gc.collect()
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    print(json.dumps({"resident": pages * os.sysconf("SC_PAGE_SIZE")}), flush=True)


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, print_memory)
    loop = asyncio.get_running_loop()
    options = {"backlog": 1024}
    if files:
        options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        options["ssl"].load_cert_chain(*files)
    if side == "datagrams":
        transport, _ = await loop.create_datagram_endpoint(EchoDatagrams, local_addr=("127.0.0.1", 0))
        address = transport.get_extra_info("sockname")
    else:
        if side == "protocol":
            server = await loop.create_server(Echo, "127.0.0.1", 0, **options)
        else:
            on_client = on_lines if side == "lines" else on_chunks
            server = await asyncio.start_server(on_client, "127.0.0.1", 0, **options)
        address = server.sockets[0].getsockname()
    print(json.dumps({"port": address[1]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
