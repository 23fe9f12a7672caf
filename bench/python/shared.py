"""Measures what multiprocessing shares, and a coroutine that a thread has run in the loop: microseconds on the clock."""

import asyncio
import json
import multiprocessing
import sys
import time

INCREMENTS = 20_000
QUESTIONS = 2000


def count(value, begin, times):
    begin.wait()
    times.put(time.perf_counter())
    for _ in range(INCREMENTS):
        with value.get_lock():
            value.value += 1
    times.put(time.perf_counter())


def increments():
    value, begin, times = multiprocessing.Value("d", 0), multiprocessing.Barrier(2), multiprocessing.Queue()
    both = [multiprocessing.Process(target=count, args=(value, begin, times)) for _ in range(2)]
    for process in both:
        process.start()
    all_times = [times.get() for _ in range(4)]  # one clock for all processes
    for process in both:
        process.join()
    assert value.value == 2 * INCREMENTS
    return (max(all_times) - min(all_times)) / (2 * INCREMENTS)


async def answer(value):
    return value


def ask(loop, times):
    started = time.perf_counter()
    for index in range(times):
        asyncio.run_coroutine_threadsafe(answer(index), loop).result()
    return (time.perf_counter() - started) / times


async def questions():
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(ask, loop, 100)
    return await asyncio.to_thread(ask, loop, QUESTIONS)


if __name__ == "__main__":
    seconds = asyncio.run(questions()) if sys.argv[1] == "coroutine of another thread" else increments()
    print(json.dumps(seconds * 1e6))
