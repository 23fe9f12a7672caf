"""One measurement of asyncio or uvloop, in a process of its own: measure.py MODULE CASE OPERATIONS - BUDGET.

Prints nanoseconds an operation, made as ../harness/meter.ts makes it, but that an interpreter needs less time to get warm.
With MODULE --mixed CASE:OPERATIONS,... - BUDGET SEED: measures all of them in this process, as ../children/mixed.ts does.
With MODULE alone: prints what it is, and which cases it has.
"""

import asyncio
import gc
import importlib
import inspect
import json
import platform
import random
import sys
import time

PATIENCE = 4
WARM_UP = 0.05
PASSES = 3
LIVE = 500_000  # records of some two hundred bytes


async def measure(batch, operations, budget):
    now = time.perf_counter
    started = 0.0

    def from_here():
        nonlocal started
        started = now()

    async def run_batch():
        nonlocal started
        started = now()
        count = await batch(from_here)
        seconds = now() - started
        if count != operations:
            raise ValueError(f"the batch did {count} operations, not {operations}")
        return seconds

    warm_from = now()
    await run_batch()
    while now() - warm_from < WARM_UP:
        await run_batch()

    gc.collect()
    measured_from = now()
    seconds = 0.0
    batches = 0
    while seconds < budget and now() - measured_from < budget * PATIENCE:
        seconds += await run_batch()
        batches += 1
    return seconds / (batches * operations) * 1e9


def measure_mixed(loop, programs, operations, budget, seed):
    live = [{"index": index, "name": f"record {index}"} for index in range(LIVE)]
    shuffled = random.Random(seed)
    figures = {name: [] for name in operations}
    for _ in range(PASSES):
        names = list(operations)
        shuffled.shuffle(names)
        for name in names:
            figures[name].append(loop.run_until_complete(measure(programs[name], operations[name], budget)))
    assert len(live) == LIVE
    return figures


def main(module, case=None, operations="0", _=0, budget=0, seed=0):
    library = importlib.import_module(module)
    import cases

    programs = {
        name.replace("_", "-"): program
        for name, program in vars(cases).items()
        if inspect.iscoroutinefunction(program)
        and program.__module__ == "cases"
        and not name.startswith("_")
    }
    if case is None:
        version = f"{module} of CPython {platform.python_version()}"
        if module == "uvloop":
            version = f"uvloop {library.__version__} on CPython {platform.python_version()}"
        print(json.dumps({"version": version, "cases": list(programs)}))
        return
    loop = library.new_event_loop()
    asyncio.set_event_loop(loop)
    if case == "--mixed":
        counts = dict(pair.split(":") for pair in operations.split(","))
        counts = {name: int(count) for name, count in counts.items()}
        print(json.dumps(measure_mixed(loop, programs, counts, float(budget), int(seed))))
        return
    print(loop.run_until_complete(measure(programs[case], int(operations), float(budget))))


main(*sys.argv[1:])
