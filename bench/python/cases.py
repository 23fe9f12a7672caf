"""The cases' batches for asyncio and uvloop: one coroutine function a case, of the name of its file in ../cases."""

import asyncio
from asyncio import create_task, get_running_loop, sleep


async def sleep_one_task(from_here):
    count = 0
    while count < 10_000:
        await sleep(0)
        count += 1
    return count


async def sleep_1000_tasks(from_here):
    count = 0

    async def work():
        nonlocal count
        for _ in range(50):
            await sleep(0)
            count += 1

    await asyncio.gather(*[work() for _ in range(1000)])
    return count


async def deep_chain(from_here):
    async def chain(depth):
        if depth > 1:
            return await chain(depth - 1)
        count = 0
        while count < 10_000:
            await sleep(0)
            count += 1
        return count

    return await chain(10)


async def gather(from_here):
    async def child():
        return 1

    count = 0
    for _ in range(10):
        count += sum(await asyncio.gather(*[child() for _ in range(1000)]))
    return count


async def task_group(from_here):
    count = 0

    async def child():
        nonlocal count
        count += 1

    for _ in range(100):
        async with asyncio.TaskGroup() as group:
            for _ in range(100):
                group.create_task(child())
    return count


async def queue_ping_pong(from_here):
    there = asyncio.Queue()
    back = asyncio.Queue()

    async def pong():
        for _ in range(10_000):
            await back.put(await there.get() + 1)

    task = create_task(pong())
    count = 0
    for _ in range(10_000):
        await there.put(count + 1)
        count = await back.get()
    await task
    return count


def priorities(length):
    state = 1
    for _ in range(length):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield state


SAMPLE = list(priorities(20_000))


async def priority_queue(from_here):
    queue = asyncio.PriorityQueue()
    for item in SAMPLE[:10_000]:
        queue.put_nowait(item)
    from_here()
    count = 0
    for item in SAMPLE[10_000:]:
        await queue.put(item)
        if await queue.get() >= 0:
            count += 1
    return count


async def timers(from_here):
    loop = get_running_loop()
    done = loop.create_future()
    count = 0

    def fire():
        nonlocal count
        count += 1
        if count == 100_000:
            done.set_result(None)

    for timer in range(100_000):
        loop.call_later(timer * 7919 % 1000 * 1e-6, fire)
    await done
    return count


async def call_later_cancel(from_here):
    loop = get_running_loop()
    count = 0

    def fire():
        nonlocal count
        count -= 1

    for _ in range(1000):
        loop.call_later(1000, fire).cancel()
        count += 1
    await sleep(0)
    return count


async def wait_for(from_here):
    count = 0
    while count < 1000:
        count += await asyncio.wait_for(sleep(0, 1), 1000)
    return count


async def cancel_caught(from_here):
    count = 0

    async def work():
        nonlocal count
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            count += 1

    tasks = [create_task(work()) for _ in range(1000)]
    await sleep(0)
    from_here()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks)
    return count


async def cancel_sleeping(from_here):
    count = 0

    async def work():
        nonlocal count
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            count += 1
            raise

    tasks = [create_task(work()) for _ in range(1000)]
    await sleep(0)
    from_here()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return count


async def future_fan_out(from_here):
    loop = get_running_loop()
    futures = [loop.create_future() for _ in range(50)]
    count = 0

    async def work():
        nonlocal count
        for future in futures:
            value = await future
            count += value

    all_done = asyncio.gather(*[work() for _ in range(1000)])
    for future in futures:
        await sleep(0)
        future.set_result(1)
    await all_done
    return count


async def _contend(gate, tasks, rounds):
    count = 0

    async def contend():
        nonlocal count
        for _ in range(rounds):
            async with gate:
                await sleep(0)
                count += 1

    await asyncio.gather(*[contend() for _ in range(tasks)])
    return count


async def lock(from_here):
    return await _contend(asyncio.Lock(), 100, 100)


async def semaphore(from_here):
    return await _contend(asyncio.Semaphore(10), 1000, 10)


async def event(from_here):
    event = asyncio.Event()
    count = 0

    async def work():
        nonlocal count
        for _ in range(50):
            await event.wait()
            count += 1

    all_done = asyncio.gather(*[work() for _ in range(1000)])
    for _ in range(50):
        await sleep(0)
        event.set()
        event.clear()
    await all_done
    return count


async def condition(from_here):
    condition = asyncio.Condition()
    count = 0

    async def work():
        nonlocal count
        async with condition:
            for _ in range(100):
                await condition.wait()
                count += 1

    all_done = asyncio.gather(*[work() for _ in range(100)])
    for _ in range(10_000):
        await sleep(0)
        async with condition:
            condition.notify()
    await all_done
    return count
