# Locks, events, conditions, semaphores, barriers: the twin of sync.ts.

import asyncio

STARTS = ["first", "last"]
LATERS = 9
SCENARIOS = {}


def sizes(family):
    """A scenario for 1, 2 and 3 waiters."""
    return register(family.__name__, family)


def register(name, family):
    for n in (1, 2, 3):
        SCENARIOS[f"{name} {n}"] = lambda w, n=n: family(w, n)
    return family


def names(n):
    return "abcdef"[:n]


async def hold(w, name, lock, iterations=1):
    async with lock:
        w.note(f"{name} in")
        await w.spin(iterations)


async def hold_at_last(w, name, lock):
    """Does not take one cancellation for an answer."""
    try:
        await lock.acquire()
    except asyncio.CancelledError:
        w.note(f"{name} again")
        await lock.acquire()
    try:
        await w.spin(1)
    finally:
        lock.release()


async def release_after(w, lock, iterations):
    await lock.acquire()
    await w.spin(iterations)
    w.complete(lock.release)


@sizes
def lock_released(w, n):
    lock = asyncio.Lock()
    w.watch(lock)
    w.help("holder", release_after(w, lock, 3))
    for name in names(n):
        w.start(name, hold(w, name, lock))


@sizes
def lock_handed_on(w, n):
    lock = asyncio.Lock()
    w.watch(lock)
    for name in names(n + 1):
        w.start(name, hold(w, name, lock))


@sizes
def lock_with_newcomer(w, n):
    lock = asyncio.Lock()
    w.watch(lock)

    async def holder():
        await release_after(w, lock, 3)
        w.help("newcomer", hold(w, "newcomer", lock))

    w.help("holder", holder())
    for name in names(n):
        w.start(name, hold(w, name, lock))


@sizes
def lock_taken_again(w, n):
    lock = asyncio.Lock()
    w.watch(lock)

    async def holder():
        await release_after(w, lock, 3)
        await hold(w, "holder", lock)

    w.help("holder", holder())
    for name in names(n):
        w.start(name, hold(w, name, lock))


@sizes
def lock_insisted_on(w, n):
    lock = asyncio.Lock()
    w.watch(lock)
    w.help("holder", release_after(w, lock, 3))
    for name in names(n):
        w.start(name, hold_at_last(w, name, lock))


async def wait_for_event(w, name, event):
    await event.wait()
    w.note(f"{name} goes")
    await w.spin(1)


@sizes
def event_set(w, n):
    event = asyncio.Event()
    w.watch(event)
    for name in names(n):
        w.start(name, wait_for_event(w, name, event))
    w.later(4, lambda: w.complete(event.set))


@sizes
def event_set_and_cleared(w, n):
    event = asyncio.Event()
    w.watch(event)

    def pulse():
        w.complete(event.set)
        event.clear()

    for name in names(n):
        w.start(name, wait_for_event(w, name, event))
    w.later(4, pulse)
    w.later(7, pulse)


@sizes
def event_insisted_on(w, n):
    event = asyncio.Event()
    w.watch(event)

    async def wait(name):
        try:
            await event.wait()
        except asyncio.CancelledError:
            await wait_for_event(w, name, event)

    for name in names(n):
        w.start(name, wait(name))
    w.later(4, lambda: w.complete(event.set))


class Stock:
    """Things that are taken under a condition."""

    def __init__(self, w):
        self.w, self.condition, self.count = w, asyncio.Condition(), 0
        w.watch(self.condition)

    async def take(self, name):
        async with self.condition:
            await self.condition.wait_for(lambda: self.count > 0)
            self.count -= 1
            self.w.note(f"{name} takes")

    def add(self, count, notified):
        self.count += count
        self.condition.notify(notified)

    async def supply(self, count, notified, held=0):
        async with self.condition:
            self.w.complete(lambda: self.add(count, notified))
            await self.w.spin(held)


@sizes
def condition_notified_one_by_one(w, n):
    stock = Stock(w)

    async def supplier():
        await w.spin(3)
        for _ in range(max(1, n - 1)):
            await stock.supply(1, 1)
            await w.spin(1)

    for name in names(n):
        w.start(name, stock.take(name))
    w.help("supplier", supplier())


@sizes
def condition_notified_at_once(w, n):
    stock = Stock(w)

    async def supplier():
        await w.spin(3)
        await stock.supply(n, n)

    for name in names(n):
        w.start(name, stock.take(name))
    w.help("supplier", supplier())


@sizes
def condition_notified_too_often(w, n):
    stock = Stock(w)

    async def supplier():
        await w.spin(3)
        await stock.supply(1, n)
        await w.spin(3)
        await stock.supply(1, 2)

    for name in names(n):
        w.start(name, stock.take(name))
    w.help("supplier", supplier())


@sizes
def condition_lock_kept(w, n):
    stock = Stock(w)

    async def supplier():
        await w.spin(2)
        await stock.condition.acquire()
        stock.add(max(1, n - 1), max(1, n - 1))
        await w.spin(3)
        w.complete(stock.condition.release)

    for name in names(n):
        w.start(name, stock.take(name))
    w.help("supplier", supplier())


async def wait_in(w, name, condition):
    async with condition:
        try:
            await condition.wait()
            w.note(f"{name} goes")
        finally:
            w.note(f"{name} locked:{str(condition.locked()).lower()}")
            await w.spin(1)


@sizes
def condition_notify_all(w, n):
    condition = asyncio.Condition()
    w.watch(condition)

    async def notifier():
        await w.spin(3)
        async with condition:
            w.complete(condition.notify_all)

    for name in names(n):
        w.start(name, wait_in(w, name, condition))
    w.help("notifier", notifier())


@sizes
def condition_insisted_on(w, n):
    stock = Stock(w)

    async def take(name):
        async with stock.condition:
            while stock.count == 0:
                try:
                    await stock.condition.wait()
                except asyncio.CancelledError:
                    w.note(f"{name} again")
            stock.count -= 1

    async def supplier():
        await w.spin(3)
        await stock.supply(n, 1, 2)
        await w.spin(1)
        await stock.supply(0, n)

    for name in names(n):
        w.start(name, take(name))
    w.help("supplier", supplier())


@sizes
def condition_lock_shared(w, n):
    lock = asyncio.Lock()
    one, two = asyncio.Condition(lock), asyncio.Condition(lock)
    w.watch(lock)
    w.watch(one)
    w.watch(two)

    async def notifier():
        await w.spin(3)
        async with two:
            w.complete(two.notify_all)
            await w.spin(1)
            w.complete(one.notify_all)

    for index, name in enumerate(names(n)):
        w.start(name, wait_in(w, name, [one, two][index % 2]))
    w.start("contender", hold(w, "contender", lock, 4))
    w.help("notifier", notifier())


def semaphore_handed_on(make, value, w, n):
    semaphore = make(value)
    w.watch(semaphore)
    for index in range(1, value):
        w.help(f"holder{index}", hold(w, f"holder{index}", semaphore, 3))
    for name in names(n + 1):
        w.start(name, hold(w, name, semaphore, 2))


def semaphore_released_at_once(make, value, w, n):
    semaphore = make(value)
    w.watch(semaphore)

    def release():
        for _ in range(value):
            semaphore.release()

    async def holder():
        for _ in range(value):
            await semaphore.acquire()
        await w.spin(3)
        w.complete(release)
        w.help("newcomer", hold(w, "newcomer", semaphore))

    w.help("holder", holder())
    for name in names(n):
        w.start(name, hold(w, name, semaphore))


for kind in (asyncio.Semaphore, asyncio.BoundedSemaphore):
    for value in (1, 2, 3):
        for family in (semaphore_handed_on, semaphore_released_at_once):
            bounded = "bounded_" if kind is asyncio.BoundedSemaphore else ""
            register(
                f"{bounded}{family.__name__}_{value}",
                lambda w, n, kind=kind, family=family, value=value: family(kind, value, w, n),
            )


async def take_permit(w, name, semaphore):
    await semaphore.acquire()
    w.note(f"{name} has it")


@sizes
def semaphore_scarce(w, n):
    semaphore = asyncio.Semaphore(0)
    for name in names(n):
        w.start(name, take_permit(w, name, semaphore))
    for index in range(max(1, n - 1)):
        w.later(3 + index, lambda: w.complete(semaphore.release))


@sizes
def semaphore_scarce_at_once(w, n):
    semaphore = asyncio.Semaphore(0)

    def release():
        for _ in range(max(1, n - 1)):
            w.complete(semaphore.release)

    for name in names(n):
        w.start(name, take_permit(w, name, semaphore))
    w.later(3, release)


@sizes
def semaphore_insisted_on(w, n):
    semaphore = asyncio.Semaphore(1)
    w.watch(semaphore)
    w.help("holder", release_after(w, semaphore, 3))
    for name in names(n):
        w.start(name, hold_at_last(w, name, semaphore))


async def arrive(w, name, barrier, iterations=0):
    await w.spin(iterations)
    w.note(f"{name} arrives")
    return await w.completing(barrier.wait())


def fill_up(w, barrier):
    """Helpers take the places of those that are missing."""
    for index in range(barrier.n_waiting, barrier.parties if barrier.n_waiting > 0 else 0):
        w.help(f"filler{index}", barrier.wait())


@sizes
def barrier_filled(w, n):
    barrier = asyncio.Barrier(n)
    w.watch(barrier)
    for index, name in enumerate(names(n)):
        w.start(name, arrive(w, name, barrier, index + 1))
    w.later(14, lambda: fill_up(w, barrier))


@sizes
def barrier_filled_twice(w, n):
    barrier = asyncio.Barrier(n)
    w.watch(barrier)
    for name in names(2 * n):
        w.start(name, arrive(w, name, barrier, 1))
    w.later(20, lambda: fill_up(w, barrier))


@sizes
def barrier_in_rounds(w, n):
    barrier = asyncio.Barrier(n)
    w.watch(barrier)

    async def rounds(name):
        return [await arrive(w, name, barrier), await arrive(w, name, barrier)]

    for name in names(n):
        w.start(name, rounds(name))
    w.later(14, lambda: fill_up(w, barrier))
    w.later(20, lambda: fill_up(w, barrier))


def barrier_ended(operation, w, n, parties, iterations):
    barrier = asyncio.Barrier(parties)
    w.watch(barrier)

    async def end():
        await w.spin(iterations)
        await w.completing(operation(barrier))
        w.note("ended")
        await w.spin(4)
        await barrier.reset()

    for index, name in enumerate(names(n)):
        w.start(name, arrive(w, name, barrier, index % 2))
    w.help("ender", end())
    w.later(14, lambda: fill_up(w, barrier))


for operation in (asyncio.Barrier.abort, asyncio.Barrier.reset):
    what = operation.__name__
    register(f"barrier_filling_{what}", lambda w, n, op=operation: barrier_ended(op, w, n, n + 1, 3))
    register(f"barrier_draining_{what}", lambda w, n, op=operation: barrier_ended(op, w, n, n, 2))
    register(f"barrier_crowded_{what}", lambda w, n, op=operation: barrier_ended(op, w, n + 2, n + 1, 2))
