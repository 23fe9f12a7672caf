# One end of connections in CPython, told what to do by lines of JSON on its standard input; each is answered by a line.
# ../our-end.ts is its twin.

import asyncio
import collections
import json
import os
import socket
import struct
import sys
import threading

# Seconds after which nothing more is expected to happen: the traces then show what did.
PATIENCE = 30


def summed(trace):
    """Adjacent data events as one: how bytes are cut into pieces is the system's matter."""
    result = []
    for entry in trace:
        if entry[0] == "data" and result and result[-1][0] == "data":
            result[-1] = ["data", result[-1][1] + entry[1]]
        else:
            result.append(entry)
    return result


def class_of(error):
    return None if error is None else type(error).__name__


class Failure(Exception):
    pass


class Connection:
    """What has happened on a connection, whichever protocol serves it, and what is done there."""

    def __init__(self, end, setup):
        self.end = end
        self.setup = setup
        self.trace = []
        self.transport = None

    def protocol(self, setup):
        return (Buffered if "buffered" in setup else Plain)(self, setup)

    def note(self, *entry):
        self.trace.append(list(entry))
        self.end.totals[entry[0]] += 1
        self.end.look()

    def count(self, event):
        found = [entry for entry in self.trace if entry[0] == event]
        return sum(entry[1] for entry in found) if event == "data" else len(found)

    def perform(self, actions):
        for action in actions:
            try:
                self.perform_one(*action)
            except Exception as error:
                self.note("raised", action[0], class_of(error))

    def perform_one(self, name, *args):
        transport = self.transport
        if name == "write":
            transport.write(b"x" * args[0])
        elif name == "text":
            transport.write(args[0].encode())
        elif name == "writelines":
            transport.writelines([b"x" * size for size in args])
        elif name == "eof":
            transport.write_eof()
        elif name == "close":
            transport.close()
        elif name == "abort":
            transport.abort()
        elif name == "reset":
            self.reset()
        elif name == "pause":
            transport.pause_reading()
        elif name == "resume":
            transport.resume_reading()
        elif name == "limits":
            transport.set_write_buffer_limits(*args)
            self.note("limits", *transport.get_write_buffer_limits())
        elif name == "protocol":
            transport.set_protocol(self.protocol(args[0]))
        elif name == "look":
            waiting = transport.get_write_buffer_size() > 0
            self.note("look", transport.is_closing(), transport.is_reading(), waiting, transport.can_write_eof())
        else:
            raise KeyError(name)

    def reset(self):
        copy = socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno()))
        copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        copy.close()
        self.transport.abort()


class Callbacks:
    def __init__(self, connection, setup):
        self.connection = connection
        self.setup = setup

    def happened(self, event, *details):
        self.connection.note(event, *details)
        self.connection.perform(self.setup.get("on", {}).get(event, []))
        if event in self.setup.get("raises", []):
            raise Failure(event)

    def connection_made(self, transport):
        self.connection.transport = transport
        self.happened("made")

    def eof_received(self):
        self.happened("eof")
        return self.setup.get("keepsOpen", False)

    def connection_lost(self, error):
        self.happened("lost", class_of(error))

    def pause_writing(self):
        self.happened("paused")

    def resume_writing(self):
        self.happened("resumed")


class Plain(Callbacks, asyncio.Protocol):
    def data_received(self, data):
        self.happened("data", len(data))


class Buffered(Callbacks, asyncio.BufferedProtocol):
    def get_buffer(self, sizehint):
        if "buffer" in self.setup.get("raises", []):
            raise Failure("buffer")
        return bytearray(self.setup["buffered"])

    def buffer_updated(self, nbytes):
        self.happened("data", nbytes)


class End:
    def __init__(self, loop):
        self.loop = loop
        self.waiting = []
        self.clear()
        loop.set_exception_handler(self.report)

    def clear(self):
        self.connections = []
        self.trace = []
        self.totals = collections.Counter()
        self.server = None

    def report(self, loop, context):
        self.trace.append(["report", context["message"], class_of(context.get("exception"))])

    def connection(self, setup):
        connection = Connection(self, setup)
        self.connections.append(connection)
        return connection.protocol(setup)

    async def listen(self, kind, path, setup):
        def factory():
            return self.connection(setup)

        if kind == "unix":
            self.server = await self.loop.create_unix_server(factory, path)
            return path
        self.server = await self.loop.create_server(factory, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def connect(self, kind, address, setup, count=1):
        def factory():
            return self.connection(setup)

        async def one():
            try:
                if kind == "unix":
                    _, protocol = await self.loop.create_unix_connection(factory, address)
                else:
                    _, protocol = await self.loop.create_connection(factory, "127.0.0.1", address)
                protocol.connection.note("connected")
            except OSError as error:
                self.trace.append(["refused", class_of(error)])

        await asyncio.gather(*[one() for _ in range(count)])

    async def do(self, actions):
        for connection in self.connections:
            connection.perform(actions)

    async def until(self, event, least=1, connections=1):
        """Waits until something has happened so often on each of so many connections. Whether it has."""

        def so():
            if self.totals[event] < connections:
                return False  # without a look at each
            return sum(connection.count(event) >= least for connection in self.connections) >= connections

        future = self.loop.create_future()
        self.waiting.append((so, future))
        self.look()
        done, _ = await asyncio.wait([future], timeout=PATIENCE)
        return len(done) > 0

    def look(self):
        for so, future in self.waiting:
            if not future.done() and so():
                future.set_result(None)
        self.waiting = [each for each in self.waiting if not each[1].done()]

    async def converse(self, kind, address, limit, operations):
        """What each operation on the streams of a new connection gives."""
        if kind == "unix":
            reader, writer = await asyncio.open_unix_connection(address, limit=limit)
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", address, limit=limit)
        results = []
        for name, *args in operations:
            try:
                result = await self.operate(reader, writer, name, *args)
            except Exception as error:
                result = class_of(error)
                if isinstance(error, asyncio.IncompleteReadError):
                    result = [result, len(error.partial), error.expected]
            results.append([name, len(result) if isinstance(result, bytes) else result])
        writer.transport.abort()
        return results

    async def operate(self, reader, writer, name, *args):
        if name == "read":
            return await reader.read(*args)
        if name == "exactly":
            return await reader.readexactly(*args)
        if name == "line":
            return await reader.readline()
        if name == "until":
            return await reader.readuntil(args[0].encode())
        if name == "write":
            return writer.write(b"x" * args[0])
        if name == "text":
            return writer.write(args[0].encode())
        if name == "eof":
            return writer.write_eof()
        if name == "drain":
            async with asyncio.timeout(args[0]):  # in this task, as wait_for since 3.12
                return await writer.drain()
        if name == "close":
            return writer.close()
        if name == "abort":
            return writer.transport.abort()
        if name == "waitClosed":
            return await writer.wait_closed()
        if name == "rest":
            return await asyncio.sleep(args[0])
        if name == "look":
            return [reader.at_eof(), writer.is_closing(), class_of(reader.exception())]
        raise KeyError(name)

    async def rest(self, seconds):
        await asyncio.sleep(seconds)

    async def stop(self):
        """Listens no more."""
        self.server.close()

    async def finish(self):
        """The traces of the connections, and the end's own; everything is closed."""
        traces = [summed(connection.trace) for connection in self.connections]
        own = self.trace
        if self.server is not None:
            self.server.close()
        for connection in self.connections:
            if connection.transport is not None and connection.count("lost") == 0:
                connection.transport.abort()
        await asyncio.sleep(0)
        self.clear()
        return {"connections": traces, "own": own}


async def main():
    loop = asyncio.get_running_loop()
    end = End(loop)
    commands = asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(commands.put_nowait, line)
        loop.call_soon_threadsafe(commands.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    print(json.dumps({"python": sys.version.split()[0], "loop": type(loop).__module__}), flush=True)
    while line := await commands.get():
        name, *args = json.loads(line)
        try:
            answer = {"result": await getattr(end, name)(*args)}
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


if "--uvloop" in sys.argv:
    import uvloop

    uvloop.install()
asyncio.run(main())
