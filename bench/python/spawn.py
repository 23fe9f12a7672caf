"""`spawn.py LOOP CASE COUNT`: starts a child and waits for it, one after the other, on asyncio or uvloop. Prints
microseconds of the processor that this process has used for each, the warm-up left out."""

import asyncio
import json
import resource
import sys
from asyncio.subprocess import DEVNULL, PIPE

loop_name, case, count = sys.argv[1:]
if loop_name == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

WARM_UP = 50


async def silent():
    child = await asyncio.create_subprocess_exec("/bin/true", stdin=DEVNULL)
    await child.wait()


async def piped():
    child = await asyncio.create_subprocess_exec("/bin/echo", "x", stdin=DEVNULL, stdout=PIPE)
    output, _ = await child.communicate()
    assert output == b"x\n"


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main():
    one = {"silent": silent, "piped": piped}[case]
    for _ in range(WARM_UP):
        await one()
    before = used()
    for _ in range(int(count)):
        await one()
    print(json.dumps({loop_name: (used() - before) / int(count) * 1e6}))


asyncio.run(main())
