# Cancels tasks at each point of their lives and writes down what they do: the twin of sweep.ts.

import asyncio
import json
import re

from loop import Deadlock, VirtualLoop


class World:
    """What a scenario has: tasks, helpers, calls that complete what the tasks wait for, and a log with iterations."""

    def __init__(self, loop, point):
        self.loop, self.point = loop, point
        self.log, self.tasks, self.helpers, self.things, self.returned = [], {}, {}, [], []
        self.calls = 0

    def note(self, label):
        self.log.append(f"{label}@{self.loop.iteration}")

    def report(self, message):
        if "never retrieved" not in message:  # which comes when the garbage is collected
            self.note(f"reported: {message}")

    def start(self, name, coro):
        """Starts a task that the sweep may cancel."""
        self.tasks[name] = self.run(name, coro)

    def help(self, name, coro):
        """Starts a task that it does not."""
        self.helpers[name] = self.run(name, coro)

    def run(self, name, coro):
        task = self.loop.create_task(coro)
        task.add_done_callback(lambda task: self.note(f"{name}:{outcome_of(task)}"))
        return task

    def later(self, iterations, call):
        """Calls something some iterations later."""
        if iterations > 0:
            self.loop.call_soon(self.later, iterations - 1, call)
        else:
            call()

    def complete(self, call):
        """Calls what completes a wait: tasks are cancelled right before it and right after it, too."""
        with self.completion():
            try:
                call()
            except Exception as error:
                self.note(describe(error))

    async def completing(self, coro):
        """The same for what has to be awaited."""
        with self.completion():
            return await coro

    def completion(self):
        self.calls += 1
        return Completion(self, self.calls - 1)

    def watch(self, thing):
        """Adds to the log what something looks like at the end."""
        self.things.append(thing)

    async def spin(self, count):
        for _ in range(count):
            await asyncio.sleep(0)

    def tick(self, left):
        if left > 0:
            self.loop.call_soon(self.tick, left - 1)
        else:
            self.strike()

    def strike(self):
        self.cancel("c1")
        if self.point["times"] == "twice":
            self.cancel("c2")
        elif self.point["times"] == "again":
            self.loop.call_soon(self.cancel, "c2")

    def cancel(self, message):
        self.returned.append(self.tasks[self.point["victim"]].cancel(message))


class Completion:
    def __init__(self, world, number):
        self.world, self.number = world, number

    def __enter__(self):
        self.reach("before")

    def __exit__(self, *error):
        self.reach("after")

    def reach(self, start):
        point = self.world.point
        if point and point["start"] == start and point["later"] == self.number:
            self.world.strike()


def describe(error):
    if isinstance(error, BaseExceptionGroup):
        return f"ExceptionGroup([{', '.join(map(describe, error.exceptions))}])"
    return f"{type(error).__name__}({', '.join(map(str, error.args))})".replace("IndexError", "RangeError")


def outcome_of(task):
    try:
        return json.dumps(task.result())
    except BaseException as error:
        return describe(error)


def look(thing):
    """What it says of itself: "<[unlocked, waiters:1]>"."""
    return re.sub(r"<.* at 0x\w+ |_(?=queue|getters|putters)", "<", repr(thing), count=1).replace(" _", " ")


def run(scenario, point):
    """Runs a scenario and cancels at a point, or not when that is None."""
    loop = VirtualLoop()
    world = World(loop, point)
    loop.set_exception_handler(lambda loop, context: world.report(context["message"]))

    async def main():
        start = point["start"] if point else None
        if start == "first":
            loop.call_soon(world.tick, point["later"])
        scenario(world)
        if start == "made":
            world.strike()
        elif start == "last":
            loop.call_soon(world.tick, point["later"])
        elif start and start[0].isdigit():
            loop.call_at(float(start), world.tick, point["later"])

    main_task = loop.create_task(main())
    exhaust(loop)
    assert main_task.done(), scenario
    main_task.result()
    finish(world)
    return world


def finish(world):
    loop, log = world.loop, world.log
    if world.point:
        count = world.tasks[world.point["victim"]].cancelling()
        world.cancels = str(count) + "".join("ft"[accepted] for accepted in world.returned)
    everybody = {**world.tasks, **world.helpers}
    left = ",".join(name for name, task in everybody.items() if not task.done())
    tail = [f"left:{left}"] if left else []
    world.trace = " ".join([*log, *tail, *map(look, world.things)])
    for _ in range(10):
        for task in asyncio.all_tasks(loop):
            task.cancel()
        exhaust(loop)
    assert not asyncio.all_tasks(loop)
    loop.close()


def exhaust(loop):
    try:
        loop.run_forever()
    except Deadlock:
        pass


TIMES = ["once", "twice", "again"]


def points(starts, laters, victims, calls):
    for victim in victims:
        for start, numbers in [*((start, laters) for start in starts), ("made", 1), ("before", calls), ("after", calls)]:
            for times in TIMES:
                for later in range(numbers):
                    yield {"victim": victim, "start": start, "times": times, "later": later}


def table(scenario, starts, laters):
    """
    What came of a scenario, and where it was cancelled: "a first again 1tf 012": task a, in three iterations after its first,
    again in the next; `cancelling` was 1 in the end, the first `cancel` was accepted, the second not.
    """
    undisturbed = run(scenario, None)
    found = {undisturbed.trace: {"never": ""}}
    for point in points(starts, laters, undisturbed.tasks, undisturbed.calls):
        world = run(scenario, point)
        name = f"{point['victim']} {point['start']} {point['times']} {world.cancels} "
        numbers = found.setdefault(world.trace, {})
        numbers[name] = numbers.get(name, "") + str(point["later"])
    return {trace: ", ".join(map("".join, names.items())) for trace, names in found.items()}


def record(chapter):
    """All tables of a chapter, as JSON. For one that is there already, the name of that scenario."""
    tables, names = {}, {}
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)  # pyodide's
    try:
        for name, scenario in chapter.SCENARIOS.items():
            found = table(scenario, chapter.STARTS, chapter.LATERS)
            first = names.setdefault(json.dumps(found), name)
            tables[name] = found if first == name else first
    finally:
        asyncio._set_running_loop(running)
    return json.dumps(tables, indent=1)
