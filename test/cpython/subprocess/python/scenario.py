"""Plays a scenario of ../scenarios.ts, given as JSON, over asyncio; writes what was told and what came of each step."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT

STREAMS = {"PIPE": PIPE, "STDOUT": STDOUT, "DEVNULL": DEVNULL}


def name_of(error):
    return None if error is None else type(error).__name__


def text(data):
    return None if data is None else data.decode()


def start_options(start):
    options = {key: STREAMS.get(start[key]) for key in ("stdin", "stdout", "stderr") if key in start}
    names = {"cwd": "cwd", "executable": "executable", "startNewSession": "start_new_session"}
    options |= {python: start[name] for name, python in names.items() if name in start}
    if "env" in start:
        options["env"] = {**os.environ, **start["env"]}
    return options


class Noting(asyncio.SubprocessProtocol):
    def __init__(self):
        self.log = []
        self.told = asyncio.Event()

    def tell(self, *entry):
        self.log.append(list(entry))
        self.told.set()

    async def until(self, *entry):
        while list(entry) not in self.log:
            self.told.clear()
            await self.told.wait()

    async def until_data(self, fd, wanted):
        while wanted not in "".join(entry[2] for entry in self.log if entry[:2] == ["data", fd]):
            self.told.clear()
            await self.told.wait()

    def connection_made(self, transport):
        self.transport = transport
        self.tell("made", [transport.get_pipe_transport(fd) is not None for fd in (0, 1, 2)])

    def pipe_data_received(self, fd, data):
        self.tell("data", fd, data.decode())

    def pipe_connection_lost(self, fd, exc):
        self.tell("closed", fd, name_of(exc))

    def process_exited(self):
        self.tell("exited", self.transport.get_returncode())

    def connection_lost(self, exc):
        self.tell("lost", name_of(exc))

    def pause_writing(self):
        self.tell("pause")

    def resume_writing(self):
        self.tell("resume")


class OverProtocol:
    def __init__(self, transport, protocol):
        self.transport = transport
        self.protocol = protocol

    def write(self, data, times=1):
        self.transport.get_pipe_transport(0).write(data.encode() * times)

    def eof(self):
        self.transport.get_pipe_transport(0).write_eof()

    def close_pipe(self, fd):
        self.transport.get_pipe_transport(fd).close()

    def pause(self, fd):
        self.transport.get_pipe_transport(fd).pause_reading()

    def resume(self, fd):
        self.transport.get_pipe_transport(fd).resume_reading()

    def signal(self, number):
        self.transport.send_signal(number)

    def terminate(self):
        self.transport.terminate()

    def kill(self):
        self.transport.kill()

    def close(self):
        self.transport.close()
        return self.transport.is_closing()

    def returncode(self):
        return self.transport.get_returncode()

    async def until(self, *entry):
        await self.protocol.until(*entry)

    async def until_data(self, fd, wanted):
        await self.protocol.until_data(fd, wanted)


class OverStreams:
    def __init__(self, process):
        self.process = process

    async def communicate(self, data=None, times=1):
        outputs = await self.process.communicate(None if data is None else data.encode() * times)
        return [*map(text, outputs), self.process.returncode]

    def write(self, data, times=1):
        self.process.stdin.write(data.encode() * times)

    async def drain(self):
        await self.process.stdin.drain()

    async def close_stdin(self):
        self.process.stdin.close()
        await self.process.stdin.wait_closed()
        return self.process.stdin.is_closing()

    async def readline(self, name):
        return text(await getattr(self.process, name).readline())

    async def count(self, name):
        return len(await getattr(self.process, name).read())

    async def wait(self):
        return [await self.process.wait(), self.process.returncode]

    async def waits(self):
        return await asyncio.gather(*[self.process.wait() for _ in range(3)])

    async def wait_cancelled(self):
        waiting = asyncio.ensure_future(self.process.wait())
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return [waiting.cancelled(), self.process.returncode]

    async def communicate_cancelled(self):
        talking = asyncio.ensure_future(self.process.communicate(b"x"))
        await asyncio.sleep(0.01)
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        return [talking.cancelled(), self.process.returncode]

    async def released(self):
        while True:
            try:
                self.process.send_signal(0)
            except ProcessLookupError:
                return True
            await asyncio.sleep(0.001)

    def signal(self, number):
        self.process.send_signal(number)

    def terminate(self):
        self.process.terminate()

    def kill(self):
        self.process.kill()

    def returncode(self):
        return self.process.returncode

    def streams(self):
        return [stream is not None for stream in (self.process.stdin, self.process.stdout, self.process.stderr)]


async def started(scenario, protocol):
    start = scenario["start"]
    options = start_options(start)
    loop = asyncio.get_running_loop()
    if scenario["over"] == "protocol":
        if "cmd" in start:
            made = await loop.subprocess_shell(lambda: protocol, start["cmd"], **options)
        else:
            made = await loop.subprocess_exec(lambda: protocol, start["program"], *start["args"], **options)
        return OverProtocol(*made)
    if "cmd" in start:
        return OverStreams(await asyncio.create_subprocess_shell(start["cmd"], **options))
    return OverStreams(await asyncio.create_subprocess_exec(start["program"], *start["args"], **options))


async def play(scenario):
    protocol = Noting()
    outcomes = []
    try:
        end = await started(scenario, protocol)
        for name, *arguments in scenario["steps"]:
            try:
                outcome = getattr(end, name)(*arguments)
                outcomes.append(await outcome if asyncio.iscoroutine(outcome) else outcome)
            except Exception as error:
                outcomes.append(name_of(error))
    except Exception as error:
        outcomes.append(name_of(error))
    return {"told": protocol.log, "outcomes": outcomes}


async def main():
    scenarios = json.loads(sys.argv[1])
    outcomes = {name: await asyncio.wait_for(play(scenario), 20) for name, scenario in scenarios.items()}
    print(json.dumps(outcomes), flush=True)


asyncio.run(main())
