"""Measures what a request costs aiohttp's client: microseconds of processor time, of all threads."""

import asyncio
import json
import resource
import sys

import aiohttp

AT_ONCE = 100
WARM_UP = 3000
COUNT = 10_000


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main(url):
    async with aiohttp.ClientSession() as session:

        async def worker(count):
            for _ in range(count):
                async with session.get(url) as response:
                    await response.text()

        async def all_of(count):
            await asyncio.gather(*(worker(count // AT_ONCE) for _ in range(AT_ONCE)))

        await all_of(WARM_UP)
        before = used()
        await all_of(COUNT)
        print(json.dumps((used() - before) / COUNT * 1e6))


asyncio.run(main(f"http://127.0.0.1:{sys.argv[1]}/"))
