"""`echo.py LOOP SIDE`: a server that sends back what comes, on asyncio or uvloop. Prints {"port": ...}; at each SIGUSR2
collects garbage, and prints its memory.
"""

import asyncio
import gc
import json
import os
import signal
import socket
import sys

loop_name, side = sys.argv[1:]
if loop_name == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


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
    if side == "protocol":
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Echo, "127.0.0.1", 0, backlog=1024)
    else:
        on_client = on_lines if side == "lines" else on_chunks
        server = await asyncio.start_server(on_client, "127.0.0.1", 0, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
