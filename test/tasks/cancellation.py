# Writes cancellation.json: what CPython does when a task is cancelled at each point of its life. cancellation.test.ts has the
# same scenarios in TypeScript. Run with CPython 3.14: python3 cancellation.py > cancellation.json

import asyncio
import json
from asyncio import base_events, events

events._set_running_loop(None)


class Deadlock(Exception):
    pass


class Selector:
    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self.loop.now = self.loop._scheduled[0]._when
        return []


class VirtualLoop(base_events.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self.now, self.iteration, self._selector, self._clock_resolution = 0.0, 0, Selector(self), 1e-9

    def time(self):
        return self.now

    def _process_events(self, events):
        pass

    def _run_once(self):
        self.iteration += 1
        super()._run_once()


class OrderedSet(dict):
    def add(self, item):
        self[item] = True

    def discard(self, item):
        self.pop(item, None)


class TaskGroup(asyncio.TaskGroup):
    """Cancels its tasks in the order of their creation; a Python set has no order that one could expect."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


class World:
    def __init__(self, loop):
        self.loop, self.log = loop, []

    def note(self, label):
        self.log.append(f"{label}@{self.loop.iteration}")

    async def spin(self, count):
        for _ in range(count):
            await asyncio.sleep(0)

    async def child(self, name, delay, cleanup=0):
        try:
            await asyncio.sleep(delay)
            return name
        except asyncio.CancelledError:
            self.note(f"{name} cancelled")
            raise
        finally:
            await self.spin(cleanup)
            self.note(f"{name} ends")

    async def swallower(self, name, delay):
        try:
            await asyncio.sleep(delay)
            return name
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            self.note(f"{name} swallows")
            return name

    async def failing(self, name, delay):
        await asyncio.sleep(delay)
        raise IndexError(name)

    async def failing_cleanup(self, name, delay):
        try:
            await asyncio.sleep(delay)
            return name
        except asyncio.CancelledError:
            raise IndexError(name)


async def sleep_0(w):
    await w.spin(3)
    return "r"


async def sleep_1(w):
    return await asyncio.sleep(1, "r")


async def sleep_and_retry(w):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        w.note("caught")
    return await asyncio.sleep(1, "r")


async def sleep_in_finally(w):
    try:
        await asyncio.sleep(1)
    finally:
        w.note("finally")
        await asyncio.sleep(0)
        w.note("after sleep(0)")
        await asyncio.sleep(1)
        w.note("after sleep(1)")


async def gather_coroutines(w):
    return await asyncio.gather(w.spin(2), w.child("a", 1), w.child("b", 0.5, 2))


async def gather_exceptions(w):
    got = await asyncio.gather(w.swallower("a", 1), w.failing("b", 0), w.child("c", 1, 1), return_exceptions=True)
    return [x if isinstance(x, str) else describe(x) for x in got]


async def gather_swallowers(w):
    return await asyncio.gather(w.swallower("a", 1), w.swallower("b", 0))


async def gather_failing(w):
    return await asyncio.gather(w.child("a", 1), w.failing("b", 1), w.failing_cleanup("c", 2))


async def gather_nested(w):
    return await asyncio.gather(asyncio.gather(w.child("a", 1), w.child("b", 1)), w.child("c", 0))


async def wait_all(w):
    tasks = [asyncio.create_task(w.child("a", 1)), asyncio.create_task(w.spin(2))]
    done, pending = await asyncio.wait(tasks)
    return [len(done), len(pending)]


async def wait_first_with_timeout(w):
    tasks = [asyncio.create_task(w.child("a", 2)), asyncio.create_task(w.child("b", 3))]
    done, pending = await asyncio.wait(tasks, timeout=1, return_when=asyncio.FIRST_COMPLETED)
    return [len(done), len(pending)]


async def wait_for_coroutine(w):
    return await asyncio.wait_for(w.child("a", 2, 2), 1)


async def wait_for_in_time(w):
    return await asyncio.wait_for(w.child("a", 1), 2)


async def wait_for_task(w):
    return await asyncio.wait_for(asyncio.create_task(w.child("a", 2, 1)), 1)


async def wait_for_swallower(w):
    return await asyncio.wait_for(w.swallower("a", 2), 1)


async def wait_for_zero(w):
    task = asyncio.create_task(w.child("a", 2, 2))
    await asyncio.sleep(0)
    return await asyncio.wait_for(task, 0)


async def shielded(w):
    return await asyncio.shield(w.child("a", 1))


async def shielded_swallower(w):
    inner = asyncio.create_task(w.child("a", 1))
    try:
        return await asyncio.shield(inner)
    except asyncio.CancelledError:
        w.note("caught")
        return await inner


async def timeout_expires(w):
    async with asyncio.timeout(1):
        await w.child("a", 2, 2)


async def timeout_in_time(w):
    async with asyncio.timeout(2):
        return await w.child("a", 1, 1)


async def timeout_zero(w):
    async with asyncio.timeout(0):
        await w.child("a", 1, 1)


async def timeouts_nested(w):
    async with asyncio.timeout(1):
        try:
            async with asyncio.timeout(0.5):
                await w.child("a", 2)
        except TimeoutError:
            w.note("inner timeout")
        await w.child("b", 2)


async def timeout_swallowed(w):
    async with asyncio.timeout(1):
        await w.swallower("a", 2)
        w.note("still inside")
        await asyncio.sleep(0)


async def group_of_two(w):
    async with TaskGroup() as group:
        a, b = group.create_task(w.child("a", 1, 1)), group.create_task(w.child("b", 0.5))
        await w.spin(2)
        w.note("body ends")
    return [a.result(), b.result()]


async def group_fails(w):
    async with TaskGroup() as group:
        group.create_task(w.failing("a", 1))
        group.create_task(w.child("b", 2, 2))
        await w.child("body", 2, 1)


async def group_fails_at_exit(w):
    try:
        async with TaskGroup() as group:
            group.create_task(w.failing("a", 1))
            group.create_task(w.failing_cleanup("b", 2))
    finally:
        w.note("left")
        await asyncio.sleep(0)


async def group_swallows(w):
    async with TaskGroup() as group:
        group.create_task(w.swallower("a", 1))
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            w.note("body swallows")
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    return "r"


async def groups_nested(w):
    async with TaskGroup() as outer:
        outer.create_task(w.child("a", 1))
        async with TaskGroup() as inner:
            inner.create_task(w.failing_cleanup("b", 1))


async def group_in_timeout(w):
    async with asyncio.timeout(1):
        async with TaskGroup() as group:
            group.create_task(w.child("a", 2, 1))
            group.create_task(w.swallower("b", 2))


SCENARIOS = [
    sleep_0, sleep_1, sleep_and_retry, sleep_in_finally, gather_coroutines, gather_exceptions, gather_swallowers,
    gather_failing, gather_nested, wait_all, wait_first_with_timeout, wait_for_coroutine, wait_for_in_time, wait_for_task,
    wait_for_swallower, wait_for_zero, shielded, shielded_swallower, timeout_expires, timeout_in_time, timeout_zero,
    timeouts_nested, timeout_swallowed, group_of_two, group_fails, group_fails_at_exit, group_swallows, groups_nested,
    group_in_timeout,
]  # fmt: skip

# Where the cancel comes: at the start, created before or after the task, or just before or after a time; iterations later; how often.
STARTS = ["first", "last", "0.4999999999", "0.9999999999", "1.0000000001"]
LATER = range(6)
TIMES = ["once", "twice", "again"]


def describe(error):
    if isinstance(error, BaseExceptionGroup):
        return f"ExceptionGroup([{', '.join(map(describe, error.exceptions))}])"
    return f"{type(error).__name__}({', '.join(map(str, error.args))})".replace("IndexError", "RangeError")


def run(scenario, start, later, times):
    loop = VirtualLoop()
    loop.set_exception_handler(lambda loop, context: world.note("reported"))
    world = World(loop)
    returned = []

    def cancel(name):
        returned.append(task.cancel(name))

    def tick(left):
        if left > 0:
            loop.call_soon(tick, left - 1)
            return
        cancel("c1")
        if times == "twice":
            cancel("c2")
        if times == "again":
            loop.call_soon(cancel, "c2")

    def ended(task):
        world.note("done")

    async def main():
        nonlocal task
        if start == "first":
            loop.call_soon(tick, later)
        task = loop.create_task(scenario(world))
        task.add_done_callback(ended)
        if start == "last":
            loop.call_soon(tick, later)
        elif start != "first":
            loop.call_at(float(start), tick, later)

    task = None
    main_task = loop.create_task(main())
    try:
        loop.run_forever()
    except Deadlock:
        pass
    assert main_task.done() and not asyncio.all_tasks(loop)
    try:
        outcome = json.dumps(task.result())
    except BaseException as error:
        outcome = describe(error)
    loop.close()
    return " ".join([outcome, f"cancelling={task.cancelling()}", "".join("ft"[x] for x in returned), *world.log])


def table(scenario):
    points = {}
    for start in STARTS:
        for times in TIMES:
            for later in LATER:
                points.setdefault(run(scenario, start, later, times), []).append((f"{start} {times}", later))
    return {outcome: compact(found) for outcome, found in points.items()}


def compact(points):
    """As text: "first once 0123, last once 4"."""
    grouped = {}
    for name, later in points:
        grouped[name] = grouped.get(name, "") + str(later)
    return ", ".join(f"{name} {later}" for name, later in grouped.items())


print(json.dumps({scenario.__name__: table(scenario) for scenario in SCENARIOS}, indent=2))
