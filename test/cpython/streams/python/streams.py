# Programs of test/cpython/streams/generator.ts in asyncio: their traces.

import asyncio
import json
from asyncio import staggered

from loop import OrderedSet, VirtualLoop

staggered.set = OrderedSet


class Reader(asyncio.StreamReader):
    """An error comes behind the bytes that came before it (report 75044)."""

    error = None

    @property
    def _exception(self):
        return None if self._buffer else self.error

    @_exception.setter
    def _exception(self, error):
        self.error = error

    def exception(self):
        return self.error

    async def read(self, n=-1):
        if n >= 0:
            return await super().read(n)
        blocks = []
        try:
            while True:
                block = await self.read(self._limit)
                if block:
                    blocks.append(block)
                if not block or self.at_eof():
                    return b"".join(blocks)
        except BaseException as error:
            if self.error is not None and not isinstance(error, asyncio.CancelledError):
                self._buffer[:0] = b"".join(blocks)
            raise

    async def _wait_for_data(self, name):
        if self.error is not None:
            raise self.error
        await super()._wait_for_data(name)


class Transport(asyncio.Transport):
    def __init__(self, world, extra):
        super().__init__(extra)
        self.world = world
        self.closing = False

    def pause_reading(self):
        if not self.world.program["pausable"]:
            super().pause_reading()
        self.world.note("transport", "pause")

    def resume_reading(self):
        self.world.note("transport", "resume")
        text, self.world.fed_on_resume = self.world.fed_on_resume, ""
        if text:
            self.world.reader.feed_data(text.encode())

    def is_closing(self):
        return self.closing

    def close(self):
        self.closing = True
        self.world.note("transport", "close")


class World:
    def __init__(self, program, loop):
        self.program = program
        self.loop = loop
        self.log = []
        self.start = loop.iteration
        self.fed_on_resume = ""
        self.tasks = []
        self.reader = Reader(program["limit"], loop)
        self.transport = Transport(self, {"sslcontext": 1} if program["tls"] else None)
        client = None if program["client"] == "none" else self.client
        self.protocol = asyncio.StreamReaderProtocol(self.reader, client, loop)
        self.writers = [asyncio.StreamWriter(self.transport, self.protocol, self.reader, loop)]

    def note(self, *words):
        self.log.append([self.loop.iteration - self.start, *words])

    def client(self, reader, writer):
        self.writers.append(writer)
        self.note("client", reader is self.reader)
        if self.program["client"] != "plain":
            return self.client_task()

    async def client_task(self):
        try:
            if self.program["client"] == "failing":
                raise ValueError("client")
            self.note("client", show(await self.reader.readline()))
        except BaseException as error:
            self.note("client", describe(error))
            raise

    async def run(self, who, ops):
        for index, op in enumerate(ops):
            try:
                outcome = show(await self.perform(who, *op))
            except BaseException as error:
                outcome = describe(error)
                if isinstance(error, asyncio.CancelledError):
                    self.note(who, index, op[0], outcome)
                    raise
            self.note(who, index, op[0], outcome)

    async def perform(self, who, name, *args):
        reader, protocol, writer = self.reader, self.protocol, self.writers[0]
        match name:
            case "feed":
                reader.feed_data(args[0].encode())
            case "eof":
                reader.feed_eof()
            case "error":
                reader.set_exception(KeyError(args[0]))
            case "read":
                return await reader.read(*args)
            case "exactly":
                return await reader.readexactly(*args)
            case "line":
                return await reader.readline()
            case "until":
                separators = tuple(text.encode() for text in args[0])
                return await reader.readuntil(separators[0] if len(separators) == 1 else separators)
            case "lines":
                count = 0
                async for line in reader:
                    self.note(who, show(line))
                    count += 1
                    if count == args[0]:
                        break
            case "within":
                return await asyncio.wait_for(self.perform(who, *args[1]), args[0])
            case "spin":
                for _ in range(args[0]):
                    await asyncio.sleep(0)
            case "sleep":
                await asyncio.sleep(args[0])
            case "cancel":
                return self.tasks[args[0] % len(self.tasks)].cancel()
            case "show":
                error = reader.exception()
                return [reader.at_eof(), error and describe(error), size(reader), self.transport.closing]
            case "feedOnResume":
                self.fed_on_resume = args[0]
            case "made":
                protocol.connection_made(self.transport)
            case "received":
                protocol.data_received(args[0].encode())
            case "eofReceived":
                return protocol.eof_received()
            case "lost":
                protocol.connection_lost(args[0] and KeyError(args[0]))
            case "pauseWriting":
                protocol.pause_writing()
            case "resumeWriting":
                protocol.resume_writing()
            case "drain":
                await writer.drain()
            case "waitClosed":
                await writer.wait_closed()
            case "close":
                writer.close()


def size(reader):
    text = repr(reader)
    return text.split()[1] if " bytes" in text else "0"


def show(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def describe(error):
    members = ""
    if isinstance(error, ExceptionGroup):
        members = "".join(f" | {describe(member)}" for member in error.exceptions)
        return f"{type(error).__name__}: {error.message}{members}"
    text = f"{type(error).__name__}: {error.args[0] if error.args else ''}"
    if isinstance(error, asyncio.IncompleteReadError):
        text += f" {error.partial.decode("latin-1")} {error.expected}"
    if isinstance(error, asyncio.LimitOverrunError):
        text += f" {error.consumed}"
    return text


def drive(loop, world, main):
    def handle(_, context):
        if context["message"].startswith("Unhandled exception in client"):
            world.note("handler", context["message"], describe(context["exception"]))

    loop.set_exception_handler(handle)
    outer = asyncio._get_running_loop()  # pyodide's own
    asyncio._set_running_loop(None)
    try:
        loop.run_until_complete(main)
    finally:
        asyncio._set_running_loop(outer)
        loop.close()
    log, world.log = world.log, []
    world.transport.closing = True  # nothing is left to close when the writers are collected
    return log


def run_streams(program):
    loop = VirtualLoop()
    world = World(program, loop)

    async def main():
        world.start = loop.iteration
        world.tasks = [loop.create_task(world.run(who, ops)) for who, ops in enumerate(program["tasks"])]
        await asyncio.sleep(50)
        for who, task in enumerate(world.tasks):
            if not task.done():
                world.note("left", who, task.cancel())
        await asyncio.gather(*world.tasks, return_exceptions=True)
        world.note("end", await world.perform("end", "show"))

    return drive(loop, world, main())


class Racing(World):
    """Only the log of a world."""

    def __init__(self, loop):
        self.loop = loop
        self.log = []
        self.start = loop.iteration
        self.transport = self


def run_race(program):
    loop = VirtualLoop()
    if program["eager"]:
        loop.set_task_factory(asyncio.eager_task_factory)
    world = Racing(loop)

    def attempt(index, steps, wait, end):
        async def run():
            world.note("start", index)
            try:
                for _ in range(steps):
                    await asyncio.sleep(0)
                if wait:
                    await asyncio.sleep(wait)
            except asyncio.CancelledError as error:
                world.note("cancelled", index, str(error))
                if end == "stubborn":
                    return f"stubborn {index}"
                if end == "slow":
                    await asyncio.sleep(1)
                raise
            world.note("end", index)
            if end == "fail":
                raise KeyError(f"failed {index}")
            return f"result {index}"

        return run

    def attempts():
        for index, (steps, wait, end) in enumerate(program["attempts"]):
            if end == "broken":
                raise KeyError("broken")
            yield attempt(index, steps, wait, end)

    async def race():
        try:
            result, index, errors = await staggered.staggered_race(attempts(), program["delay"])
            world.note("race", result, index, [error and describe(error) for error in errors])
        except BaseException as error:
            world.note("race", describe(error))

    async def main():
        world.start = loop.iteration
        task = loop.create_task(race())
        for at, message in program["cancels"]:
            loop.call_later(at, lambda message=message: world.note("cancel", task.cancel(message)))
        await asyncio.sleep(200)
        world.note("done", task.done(), len(asyncio.all_tasks()))

    return drive(loop, world, main())


def run_programs(text):
    runners = {"streams": run_streams, "race": run_race}
    return json.dumps([runners[program["kind"]](program) for program in json.loads(text)])
