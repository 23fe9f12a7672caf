"""Measures queries a second with asyncpg: five processes, each with a loop of its own and a pool of six connections on it."""

import asyncio
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import asyncpg

PROCESSES = 5
QUERY = """select * from product as p
  join sku as s on s.product_id = p.product_id
  join product_color as pc on pc.product_color_id = s.product_color_id
  join product_size as ps on ps.product_size_id = s.product_size_id
  where p.product_id = 100"""


async def query(pool):
    async with pool.acquire() as connection:
        return await connection.fetchrow(QUERY)


async def run_queries(count):
    async with asyncpg.create_pool(min_size=6, max_size=6) as pool:
        rows = await asyncio.gather(*(query(pool) for _ in range(count)))
        return sum(row["product_id"] == 100 for row in rows)


def in_new_loop(count):
    return asyncio.run(run_queries(count))


async def main(count):
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(PROCESSES) as executor:
        def everywhere(each):
            return asyncio.gather(*(loop.run_in_executor(executor, in_new_loop, each) for _ in range(PROCESSES)))

        await everywhere(10)  # the processes have started
        started = time.perf_counter()
        counts = await everywhere(count // PROCESSES)
        seconds = time.perf_counter() - started
    assert sum(counts) == count, counts
    print(json.dumps(count / seconds))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
