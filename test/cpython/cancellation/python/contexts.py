# contextlib's managers: exit stacks, closing, nothing at all. The twin of contexts.ts.

import asyncio
from contextlib import AsyncExitStack, aclosing, nullcontext

from sweep import describe

STARTS = ["first", "last", "0.4999999999", "0.9999999999"]
LATERS = 6
SCENARIOS = {}


def task(coroutine):
    SCENARIOS[coroutine.__name__] = lambda w: w.start("task", coroutine(w))


class Manager:
    """Takes half a second to enter and an iteration to leave, and notes both. Leaving does what "leave" says."""

    def __init__(self, w, name, leave=None):
        self.w, self.name, self.leave = w, name, leave

    async def __aenter__(self):
        await asyncio.sleep(0.5)
        self.w.note(f"enter {self.name}")
        return self.name

    async def __aexit__(self, kind, error, traceback):
        self.w.note(f"leave {self.name} {error and describe(error)}")
        await self.w.spin(1)
        if self.leave == "fail":
            raise IndexError(self.name)
        return self.leave == "swallow"


class Thing:
    def __init__(self, w):
        self.w = w

    async def aclose(self):
        await self.w.spin(1)
        self.w.note("closed")


async def two(w, first=None, second=None, fails=False):
    async with AsyncExitStack() as stack:
        for name, leave in (("a", first), ("b", second)):
            w.note(await stack.enter_async_context(Manager(w, name, leave)))
        await w.spin(2)
        if fails:
            raise IndexError("body")
        return "r"


@task
async def stack_of_two(w):
    return await two(w)


@task
async def stack_fails(w):
    return await two(w, fails=True)


@task
async def stack_first_swallows(w):
    return await two(w, first="swallow", fails=True)


@task
async def stack_second_swallows(w):
    return await two(w, second="swallow", fails=True)


@task
async def stack_second_fails(w):
    return await two(w, second="fail")


@task
async def stack_both_fail(w):
    return await two(w, first="fail", second="fail", fails=True)


@task
async def stack_second_fails_first_swallows(w):
    return await two(w, first="swallow", second="fail", fails=True)


@task
async def stack_callbacks(w):
    async def wait(name, count):
        await w.spin(count)
        w.note(name)
        return True

    async def on_exit(kind, error, traceback):
        w.note(f"exit {error and describe(error)}")
        await w.spin(1)
        return isinstance(error, IndexError)

    async with AsyncExitStack() as stack:
        stack.push_async_callback(wait, "first", 1)
        stack.push_async_exit(on_exit)
        stack.callback(w.note, "second")
        stack.push_async_exit(Manager(w, "pushed"))
        stack.push_async_callback(wait, "third", 2)
        await w.spin(2)
        raise IndexError("body")


@task
async def stack_pop_all(w):
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(Manager(w, "a"))
        kept = stack.pop_all()
        stack.callback(w.note, "left behind")
    w.note("behind")
    try:
        await w.spin(2)
    finally:
        await kept.aclose()
    await kept.aclose()
    return "r"


@task
async def closing(w):
    async with aclosing(Thing(w)) as thing:
        w.note(type(thing).__name__)
        await w.spin(2)
        return "r"


@task
async def closing_fails(w):
    async with aclosing(Thing(w)):
        await asyncio.sleep(0.5)
        raise IndexError("body")


@task
async def null(w):
    async with nullcontext("value") as value:
        w.note(value)
        await w.spin(2)
    return "r"
