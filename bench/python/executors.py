"""Measures what a job costs a pool of two threads under asyncio: microseconds of processor time, of all threads."""

import asyncio
import concurrent.futures
import json
import resource
import sys

WORKERS = 2
AT_ONCE = 20_000
ONE_BY_ONE = 2000


def echo(value):
    return value


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main(name):
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(2):
            await asyncio.gather(*(loop.run_in_executor(pool, echo, index) for index in range(AT_ONCE)))
        before = used()
        if name == "at once":
            count = AT_ONCE
            await asyncio.gather(*(loop.run_in_executor(pool, echo, index) for index in range(count)))
        else:
            count = ONE_BY_ONE
            for index in range(count):
                await loop.run_in_executor(pool, echo, index)
        print(json.dumps((used() - before) / count * 1e6))


asyncio.run(main(sys.argv[1]))
