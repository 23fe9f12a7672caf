# Queues: the twin of queues.ts.

import asyncio
import functools

from sync import names

STARTS = ["first", "last"]
LATERS = 9
FAMILIES = {}


def each(family):
    """A scenario for each kind of queue and for 1, 2 and 3 waiters."""
    FAMILIES[family.__name__] = family


def new_queue(w, kind, maxsize=0, items=0):
    queue = kind(maxsize)
    for item in range(items):
        queue.put_nowait(item)
    w.watch(queue)
    return queue


async def get(w, name, queue):
    item = await queue.get()
    w.note(f"{name} gets {item}")
    await w.spin(1)
    return item


async def put(w, name, queue, item):
    await queue.put(item)
    w.note(f"{name} has put {item}")
    await w.spin(1)


def put_nowait(w, queue, item):
    w.complete(lambda: queue.put_nowait(item))


def get_nowait(w, queue):
    w.complete(lambda: w.note(f"gets {queue.get_nowait()}"))


@each
def get_one_by_one(w, n, kind):
    queue = new_queue(w, kind)
    for name in names(n):
        w.start(name, get(w, name, queue))
    for item in range(max(1, n - 1)):
        w.later(3 + item, lambda item=item: put_nowait(w, queue, item))


@each
def get_at_once(w, n, kind):
    queue = new_queue(w, kind)

    def fill():
        for item in range(max(1, n - 1)):
            put_nowait(w, queue, item)

    for name in names(n):
        w.start(name, get(w, name, queue))
    w.later(3, fill)


@each
def get_of_what_is_taken(w, n, kind):
    queue = new_queue(w, kind)

    def put_and_take():
        put_nowait(w, queue, -1)
        get_nowait(w, queue)

    def fill():
        for item in range(n):
            queue.put_nowait(item)

    for name in names(n):
        w.start(name, get(w, name, queue))
    w.later(3, put_and_take)
    w.later(6, fill)


@each
def get_with_newcomer(w, n, kind):
    queue = new_queue(w, kind)

    def fill():
        put_nowait(w, queue, 0)
        w.help("newcomer", get(w, "newcomer", queue))

    for name in names(n):
        w.start(name, get(w, name, queue))
    w.later(3, fill)
    w.later(4, lambda: put_nowait(w, queue, 1))


@each
def get_insisted_on(w, n, kind):
    queue = new_queue(w, kind)

    async def insist(name):
        try:
            return await get(w, name, queue)
        except asyncio.CancelledError:
            w.note(f"{name} again")
            return await get(w, name, queue)

    for name in names(n):
        w.start(name, insist(name))
    for item in range(max(1, n - 1)):
        w.later(3, lambda item=item: put_nowait(w, queue, item))


@each
def put_one_by_one(w, n, kind):
    queue = new_queue(w, kind, 1, 1)
    for index, name in enumerate(names(n)):
        w.start(name, put(w, name, queue, index + 1))
    for index in range(max(1, n - 1)):
        w.later(3 + index, lambda: get_nowait(w, queue))


@each
def put_at_once(w, n, kind):
    queue = new_queue(w, kind, 2, 2)

    def drain():
        get_nowait(w, queue)
        get_nowait(w, queue)

    for index, name in enumerate(names(n)):
        w.start(name, put(w, name, queue, index + 2))
    w.later(3, drain)


@each
def put_where_room_is_taken(w, n, kind):
    queue = new_queue(w, kind, 1, 1)

    def take_and_put():
        get_nowait(w, queue)
        put_nowait(w, queue, 9)

    for index, name in enumerate(names(n)):
        w.start(name, put(w, name, queue, index + 1))
    w.later(3, take_and_put)
    for index in range(n):
        w.later(6 + index, lambda: get_nowait(w, queue))


@each
def put_insisted_on(w, n, kind):
    queue = new_queue(w, kind, 1, 1)

    async def insist(name, item):
        try:
            await put(w, name, queue, item)
        except asyncio.CancelledError:
            w.note(f"{name} again")
            await put(w, name, queue, item)

    for index, name in enumerate(names(n)):
        w.start(name, insist(name, index + 1))
    for index in range(n):
        w.later(3 + 2 * index, lambda: get_nowait(w, queue))


async def join(w, name, queue):
    await queue.join()
    w.note(f"{name} joined")
    await w.spin(1)


@each
def joined(w, n, kind):
    queue = new_queue(w, kind, 0, 2)

    def work():
        queue.get_nowait()
        w.complete(queue.task_done)

    for name in names(n):
        w.start(name, join(w, name, queue))
    w.later(2, work)
    w.later(4, work)


@each
def joined_and_filled_again(w, n, kind):
    queue = new_queue(w, kind, 0, 1)

    def work():
        queue.get_nowait()
        w.complete(queue.task_done)

    def refill():
        work()
        queue.put_nowait(1)

    for name in names(n):
        w.start(name, join(w, name, queue))
    w.later(3, refill)
    w.later(6, work)


async def work(w, queue):
    try:
        while True:
            w.note(f"worker gets {await queue.get()}")
            queue.task_done()
    except asyncio.QueueShutDown:
        w.note("worker ends")


@each
def worked_on(w, n, kind):
    queue = new_queue(w, kind, 1)
    for index, name in enumerate(names(n)):
        w.start(name, put(w, name, queue, index))
    w.start("worker", work(w, queue))
    w.start("joiner", join(w, "joiner", queue))
    w.later(12, lambda: w.complete(queue.shutdown))
    w.later(14, lambda: w.help("cleaner", work(w, queue)))


def shut_down(queue, immediate):
    return lambda: queue.shutdown(immediate)


def shut_down_getters(immediate, w, n, kind):
    queue = new_queue(w, kind)
    for name in names(n):
        w.start(name, get(w, name, queue))
    w.later(3, lambda: w.complete(shut_down(queue, immediate)))


def shut_down_behind_item(immediate, w, n, kind):
    queue = new_queue(w, kind)

    def end():
        put_nowait(w, queue, 0)
        w.complete(shut_down(queue, immediate))

    for name in names(n):
        w.start(name, get(w, name, queue))
    w.later(3, end)


def shut_down_putters(immediate, w, n, kind):
    queue = new_queue(w, kind, 1, 1)
    for index, name in enumerate(names(n)):
        w.start(name, put(w, name, queue, index + 1))
    w.later(3, lambda: w.complete(shut_down(queue, immediate)))
    w.later(5, lambda: get_nowait(w, queue))


def shut_down_with_room(immediate, w, n, kind):
    queue = new_queue(w, kind, 1, 1)

    def end():
        get_nowait(w, queue)
        w.complete(shut_down(queue, immediate))

    for index, name in enumerate(names(n)):
        w.start(name, put(w, name, queue, index + 1))
    w.later(3, end)


def shut_down_joiners(immediate, w, n, kind):
    queue = new_queue(w, kind, 0, 2)
    for name in names(n):
        w.start(name, join(w, name, queue))
    w.later(3, lambda: w.complete(shut_down(queue, immediate)))
    w.later(5, lambda: w.help("worker", work(w, queue)))


for immediate in (False, True):
    for family in (shut_down_getters, shut_down_behind_item, shut_down_putters, shut_down_with_room, shut_down_joiners):
        FAMILIES[family.__name__ + "_immediately" * immediate] = functools.partial(family, immediate)

KINDS = {"": asyncio.Queue, "lifo_": asyncio.LifoQueue, "priority_": asyncio.PriorityQueue}
SCENARIOS = {
    f"{prefix}{name} {n}": functools.partial(lambda family, n, kind, w: family(w, n, kind), family, n, kind)
    for prefix, kind in KINDS.items()
    for name, family in FAMILIES.items()
    for n in (1, 2, 3)
}
