# What tasks wait for: the twin of tasks.ts.

import asyncio

from loop import shield
from sweep import describe


async def child(w, name, delay, cleanup=0):
    try:
        await asyncio.sleep(delay)
        return name
    except asyncio.CancelledError:
        w.note(f"{name} cancelled")
        raise
    finally:
        await w.spin(cleanup)
        w.note(f"{name} ends")


async def swallower(w, name, delay):
    try:
        await asyncio.sleep(delay)
        return name
    except asyncio.CancelledError:
        await asyncio.sleep(0)
        w.note(f"{name} swallows")
        return name


async def failing(name, delay):
    await asyncio.sleep(delay)
    raise IndexError(name)


async def failing_cleanup(name, delay):
    try:
        await asyncio.sleep(delay)
        return name
    except asyncio.CancelledError:
        raise IndexError(name)


STARTS = ["first", "last", "0.4999999999", "0.9999999999", "1.0000000001"]
LATERS = 6
SCENARIOS = {}


def task(coroutine):
    SCENARIOS[coroutine.__name__] = lambda w: w.start("task", coroutine(w))


@task
async def sleep_0(w):
    await w.spin(3)
    return "r"


@task
async def sleep_1(w):
    return await asyncio.sleep(1, "r")


@task
async def sleep_and_retry(w):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        w.note("caught")
    return await asyncio.sleep(1, "r")


@task
async def sleep_in_finally(w):
    try:
        await asyncio.sleep(1)
    finally:
        w.note("finally")
        await asyncio.sleep(0)
        w.note("after sleep(0)")
        await asyncio.sleep(1)
        w.note("after sleep(1)")


@task
async def gather_coroutines(w):
    return await asyncio.gather(w.spin(2), child(w, "a", 1), child(w, "b", 0.5, 2))


@task
async def gather_exceptions(w):
    got = await asyncio.gather(swallower(w, "a", 1), failing("b", 0), child(w, "c", 1, 1), return_exceptions=True)
    return [x if isinstance(x, str) else describe(x) for x in got]


@task
async def gather_swallowers(w):
    return await asyncio.gather(swallower(w, "a", 1), swallower(w, "b", 0))


@task
async def gather_failing(w):
    return await asyncio.gather(child(w, "a", 1), failing("b", 1), failing_cleanup("c", 2))


@task
async def gather_nested(w):
    return await asyncio.gather(asyncio.gather(child(w, "a", 1), child(w, "b", 1)), child(w, "c", 0))


@task
async def wait_all(w):
    tasks = [asyncio.create_task(child(w, "a", 1)), asyncio.create_task(w.spin(2))]
    done, pending = await asyncio.wait(tasks)
    return [len(done), len(pending)]


@task
async def wait_first_with_timeout(w):
    tasks = [asyncio.create_task(child(w, "a", 2)), asyncio.create_task(child(w, "b", 3))]
    done, pending = await asyncio.wait(tasks, timeout=1, return_when=asyncio.FIRST_COMPLETED)
    return [len(done), len(pending)]


@task
async def wait_for_coroutine(w):
    return await asyncio.wait_for(child(w, "a", 2, 2), 1)


@task
async def wait_for_in_time(w):
    return await asyncio.wait_for(child(w, "a", 1), 2)


@task
async def wait_for_task(w):
    return await asyncio.wait_for(asyncio.create_task(child(w, "a", 2, 1)), 1)


@task
async def wait_for_swallower(w):
    return await asyncio.wait_for(swallower(w, "a", 2), 1)


@task
async def wait_for_zero(w):
    task = asyncio.create_task(child(w, "a", 2, 2))
    await asyncio.sleep(0)
    return await asyncio.wait_for(task, 0)


@task
async def shielded(w):
    return await shield(child(w, "a", 1))


@task
async def shielded_swallower(w):
    inner = asyncio.create_task(child(w, "a", 1))
    try:
        return await shield(inner)
    except asyncio.CancelledError:
        w.note("caught")
        return await inner


@task
async def timeout_expires(w):
    async with asyncio.timeout(1):
        await child(w, "a", 2, 2)


@task
async def timeout_in_time(w):
    async with asyncio.timeout(2):
        return await child(w, "a", 1, 1)


@task
async def timeout_zero(w):
    async with asyncio.timeout(0):
        await child(w, "a", 1, 1)


@task
async def timeouts_nested(w):
    async with asyncio.timeout(1):
        try:
            async with asyncio.timeout(0.5):
                await child(w, "a", 2)
        except TimeoutError:
            w.note("inner timeout")
        await child(w, "b", 2)


@task
async def timeout_swallowed(w):
    async with asyncio.timeout(1):
        await swallower(w, "a", 2)
        w.note("still inside")
        await asyncio.sleep(0)


@task
async def group_of_two(w):
    async with asyncio.TaskGroup() as group:
        a, b = group.create_task(child(w, "a", 1, 1)), group.create_task(child(w, "b", 0.5))
        await w.spin(2)
        w.note("body ends")
    return [a.result(), b.result()]


@task
async def group_fails(w):
    async with asyncio.TaskGroup() as group:
        group.create_task(failing("a", 1))
        group.create_task(child(w, "b", 2, 2))
        await child(w, "body", 2, 1)


@task
async def group_fails_at_exit(w):
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(failing("a", 1))
            group.create_task(failing_cleanup("b", 2))
    finally:
        w.note("left")
        await asyncio.sleep(0)


@task
async def group_swallows(w):
    async with asyncio.TaskGroup() as group:
        group.create_task(swallower(w, "a", 1))
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            w.note("body swallows")
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    return "r"


@task
async def groups_nested(w):
    async with asyncio.TaskGroup() as outer:
        outer.create_task(child(w, "a", 1))
        async with asyncio.TaskGroup() as inner:
            inner.create_task(failing_cleanup("b", 1))


@task
async def group_in_timeout(w):
    async with asyncio.timeout(1):
        async with asyncio.TaskGroup() as group:
            group.create_task(child(w, "a", 2, 1))
            group.create_task(swallower(w, "b", 2))


def future_in(w, iterations, value="r"):
    """A future that is done some iterations later: fails when the value is an error."""
    future = w.loop.create_future()

    def settle():
        if future.done():
            w.note("is done")
        elif isinstance(value, Exception):
            future.set_exception(value)
        else:
            future.set_result(value)

    w.later(iterations, lambda: w.complete(settle))
    return future


def future_at(w, when):
    """A future that is done at a time."""
    future = w.loop.create_future()
    w.loop.call_at(w.loop.time() + when, lambda: w.complete(lambda: future.done() or future.set_result("r")))
    return future


@task
async def future_awaited(w):
    return await future_in(w, 3)


@task
async def future_fails(w):
    return await future_in(w, 3, IndexError("e"))


@task
async def task_of_task_awaited(w):
    async def inner():
        return await future_in(w, 3)

    async def middle():
        return await asyncio.create_task(inner())

    return await asyncio.create_task(middle())


@task
async def gather_futures(w):
    return await asyncio.gather(future_in(w, 3), future_in(w, 4))


@task
async def gather_futures_at_once(w):
    return await asyncio.gather(future_in(w, 3), future_in(w, 3), return_exceptions=True)


@task
async def gather_futures_failing(w):
    first, second = future_in(w, 3, IndexError("e")), future_in(w, 5)
    try:
        return await asyncio.gather(first, second)
    finally:
        await asyncio.wait([second])


@task
async def gather_futures_exceptions(w):
    got = await asyncio.gather(future_in(w, 3, IndexError("e")), future_in(w, 4), return_exceptions=True)
    return [x if isinstance(x, str) else describe(x) for x in got]


async def wait_futures(w, return_when, *futures):
    done, pending = await asyncio.wait(futures, return_when=return_when)
    for future in done:
        future.exception()
    return [len(done), len(pending)]


@task
async def wait_all_futures(w):
    return await wait_futures(w, asyncio.ALL_COMPLETED, future_in(w, 3), future_in(w, 4))


@task
async def wait_first_future(w):
    return await wait_futures(w, asyncio.FIRST_COMPLETED, future_in(w, 3), future_in(w, 4))


@task
async def wait_first_futures_at_once(w):
    return await wait_futures(w, asyncio.FIRST_COMPLETED, future_in(w, 3), future_in(w, 3))


@task
async def wait_first_exception(w):
    first = future_in(w, 3)
    return await wait_futures(w, asyncio.FIRST_EXCEPTION, first, future_in(w, 4, IndexError("e")), future_in(w, 5))


@task
async def wait_until_timeout(w):
    done, pending = await asyncio.wait([future_at(w, 1), future_at(w, 2)], timeout=1)
    return [len(done), len(pending)]


async def results_of(futures):
    results = []
    for future in futures:
        results.append(await future)
    return results


@task
async def as_completed_futures(w):
    return await results_of(asyncio.as_completed([future_in(w, 4, "b"), future_in(w, 3, "a")]))


@task
async def as_completed_futures_at_once(w):
    return await results_of(asyncio.as_completed([future_in(w, 3, "a"), future_in(w, 3, "b")]))


@task
async def as_completed_fails(w):
    return await results_of(asyncio.as_completed([future_in(w, 3, IndexError("e")), future_in(w, 4, "b")]))


@task
async def as_completed_tasks(w):
    tasks = [asyncio.create_task(child(w, "a", 1, 1)), asyncio.create_task(child(w, "b", 0.5))]
    return await results_of(asyncio.as_completed(tasks))


@task
async def as_completed_until_timeout(w):
    return await results_of(asyncio.as_completed([future_in(w, 3), future_at(w, 2)], timeout=1))


@task
async def as_completed_and_retry(w):
    results = []
    for future in asyncio.as_completed([future_in(w, 3, "a"), future_in(w, 5, "b")]):
        try:
            results.append(await future)
        except asyncio.CancelledError:
            results.append("cancelled")
    return results


@task
async def wait_for_future(w):
    return await asyncio.wait_for(future_in(w, 3), 1)


@task
async def wait_for_future_that_fails(w):
    return await asyncio.wait_for(future_in(w, 3, IndexError("e")), 1)


@task
async def wait_for_future_at_deadline(w):
    return await asyncio.wait_for(future_at(w, 1), 1)


@task
async def wait_for_without_deadline(w):
    return await asyncio.wait_for(future_in(w, 3), None)


@task
async def shielded_future(w):
    return await shield(future_in(w, 3))


@task
async def shielded_future_that_fails(w):
    inner = future_in(w, 3, IndexError("e"))
    try:
        return await shield(inner)
    finally:
        await asyncio.wait([inner])


@task
async def shielded_twice(w):
    inner = future_in(w, 5)
    try:
        return await shield(inner)
    except asyncio.CancelledError:
        return await shield(inner)


@task
async def timeout_and_future(w):
    async with asyncio.timeout(1):
        return await future_in(w, 3)


@task
async def timeout_and_future_at_deadline(w):
    async with asyncio.timeout(1):
        return await future_at(w, 1)


@task
async def timeout_and_future_before_deadline(w):
    future = future_at(w, 1)
    async with asyncio.timeout(1):
        return await future


@task
async def timeout_moved(w):
    async with asyncio.timeout(1) as scope:
        await future_in(w, 3)
        w.complete(lambda: scope.reschedule(w.loop.time()))
        await asyncio.sleep(2)


@task
async def group_and_futures(w):
    async with asyncio.TaskGroup() as group:
        a = group.create_task(awaited(future_in(w, 3)))
        b = group.create_task(awaited(future_in(w, 4)))
    return [a.result(), b.result()]


@task
async def group_and_future_that_fails(w):
    async with asyncio.TaskGroup() as group:
        group.create_task(awaited(future_in(w, 3, IndexError("e"))))
        group.create_task(child(w, "b", 1, 2))
        await future_in(w, 5)


@task
async def group_cancels_child(w):
    async with asyncio.TaskGroup() as group:
        inner = group.create_task(child(w, "a", 1, 1))
        group.create_task(awaited(future_in(w, 6)))
        w.later(3, lambda: w.complete(inner.cancel))
    return "r"


async def awaited(future):
    return await future


def shared(waiters):
    """Several tasks that wait for one inner task."""

    def scenario(w):
        async def inner():
            try:
                return await future_in(w, 3)
            finally:
                await w.spin(1)

        inner_task = w.loop.create_task(inner())
        for name, wait in waiters.items():
            w.start(name, wait(inner_task))

    return scenario


async def through_wait(inner):
    done, pending = await asyncio.wait([inner])
    return [len(done), len(pending)]


async def through_shield(inner):
    return await shield(inner)


async def through_gather(inner):
    (got,) = await asyncio.gather(inner, return_exceptions=True)
    return got if isinstance(got, str) else describe(got)


async def through_wait_for(inner):
    return await asyncio.wait_for(inner, 5)


async def through_as_completed(inner):
    return await results_of(asyncio.as_completed([inner]))


async def through_timeout(inner):
    async with asyncio.timeout(5):
        return await inner


SCENARIOS["task_shared"] = shared({"a": awaited, "b": awaited, "c": awaited})
SCENARIOS["task_shielded_by_all"] = shared({"a": through_shield, "b": through_shield, "c": through_shield})
SCENARIOS["task_shared_by_many"] = shared(
    {
        "shield": through_shield,
        "wait": through_wait,
        "as_completed": through_as_completed,
        "await": awaited,
        "gather": through_gather,
        "wait_for": through_wait_for,
        "timeout": through_timeout,
    }
)
