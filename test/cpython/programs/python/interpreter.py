# Runs random programs (program.ts) over CPython's asyncio in virtual time, inside pyodide. The twin of interpreter.ts.

import asyncio
import gc
import json
import sys
import warnings

import world
from loop import Deadlock
from show import show, show_error
from statements import SYNC, WAITING, Return
from world import Node

CLEANUPS = 3


class Frame:
    __slots__ = ("node", "error")

    def __init__(self, node):
        self.node = node
        self.error = None


class Run(world.World):
    async def coroutine(self, body, node):
        self.loop.started()
        try:
            signal = await self.block(body, Frame(node))
        except BaseException as error:
            if self.closed or isinstance(error, GeneratorExit):
                raise
            self.trace("failed", show_error(error))
            raise
        finally:
            node.ended = True
        value = None if signal is None else signal.value
        self.trace("returned", show(value))
        return value

    async def empty(self):
        return "empty"

    def callback(self, label, body):
        def run(*args):
            self.trace(label, show(list(args)))
            self.sync_block(body, Frame(Node()))

        return run

    def sync_block(self, body, frame):
        """Runs statements that do not wait, as in a callback."""
        coroutine = self.block(body, frame)
        try:
            coroutine.send(None)
        except StopIteration:
            return
        raise AssertionError("a callback waits")

    async def block(self, body, frame):
        for statement in body:
            if self.closed:
                return None
            op = statement["op"]
            act = SYNC.get(op)
            try:
                if act is None:
                    result = await WAITING[op](self, statement, frame)
                else:
                    result = act(self, statement, frame)
            except (Exception, asyncio.CancelledError) as error:
                if self.closed:
                    raise
                self.trace(f"{statement['id']}:{op}", f"! {show_error(error)}")
                if statement.get("soft") and isinstance(error, Exception):
                    continue
                raise
            if type(result) is Return:
                return result
            if act is not None:
                self.trace(f"{statement['id']}:{op}", show(result))
        return None


def complete(run, label, make):
    """Runs the loop until what `make` gives is done, and traces how it ends."""
    try:
        value = run.loop.run_until_complete(make())
        run.trace(label, show(value))
    except Deadlock:
        run.trace(label, "deadlock: " + show([task.get_name() for task in run.loop.pending()]))
    except (Exception, asyncio.CancelledError) as error:
        run.trace(label, f"! {show_error(error)}")


def run_program(program):
    run = Run(program)
    loop = run.loop
    complete(run, "end", lambda: loop.create_task(run.coroutine(program["main"], Node()), name="main"))
    for attempt in range(CLEANUPS):
        pending = loop.pending()
        if not pending:
            break
        run.trace("pending", show([task.get_name() for task in pending]))
        for task in pending:
            task.cancel(f"cleanup {attempt}")
        complete(run, "cleanup", lambda: asyncio.gather(*pending, return_exceptions=True))
        pending.clear()
    run.trace("timers", show(sum(not timer._cancelled for timer in loop._scheduled)))
    run.closed = True
    loop.close()
    return run


def run_programs(text):
    results = []
    warnings.simplefilter("ignore")
    sys.unraisablehook = lambda report: None
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    gc.disable()
    try:
        programs = json.loads(text)
        gc.unfreeze()
        gc.collect()
        gc.freeze()  # so that collecting these programs' worlds looks at nothing else
        for program in programs:
            try:
                run = run_program(program)
                results.append((run.lines, run.reports))
                del run
            except Exception as error:
                results.append(([f"interpreter failed: {error!r}"], []))
        while gc.collect():  # what was never looked at is reported now; finalizers may free more
            pass
        results = [lines + ["unseen " + report for report in reports] for lines, reports in results]
    finally:
        gc.enable()
        asyncio._set_running_loop(running)
    return json.dumps(results)


def configure(tables):
    world.TABLES.update(json.loads(tables))
