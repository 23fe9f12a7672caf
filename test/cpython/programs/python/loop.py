# asyncio in virtual time: CPython 3.14.10, without what depends on hashes and heaps.
#
# - What asyncio keeps in hash sets comes in insertion order.
# - Equal deadlines fire in the order in which they were made.
# - A deadline that has passed does not swallow a request to stop that came before (report 134471).
# - Where pyodide's CPython 3.14.2 differs from 3.14.10 (SHIELD-05, WAIT-17), it is brought up.

import asyncio
from asyncio import queues, taskgroups, tasks, timeouts


class OrderedSet(dict):
    def __init__(self, items=()):
        super().__init__((item, True) for item in items)

    def add(self, item):
        self[item] = True

    def remove(self, item):
        del self[item]

    def discard(self, item):
        self.pop(item, None)


tasks.set = OrderedSet
taskgroups.set = OrderedSet


def init_as_completed(self, aws, timeout):
    self._done = queues.Queue()
    self._timeout_handle = None
    loop = asyncio.get_event_loop()
    todo = OrderedSet(asyncio.ensure_future(aw, loop=loop) for aw in OrderedSet(aws))
    for future in todo:
        future.add_done_callback(self._handle_completion)
    if todo and timeout is not None:
        self._timeout_handle = loop.call_later(timeout, self._handle_timeout)
    self._todo = todo
    self._todo_left = len(todo)


async def wait_for_one(self, resolve=False):
    try:
        future = await self._done.get()
    except asyncio.CancelledError:
        self._todo_left += 1
        raise
    if future is None:
        raise asyncio.TimeoutError
    return future.result() if resolve else future


tasks._AsCompletedIterator.__init__ = init_as_completed
tasks._AsCompletedIterator._wait_for_one = wait_for_one


reschedule = timeouts.Timeout.reschedule


def reschedule_behind_requests(self, when):
    reschedule(self, when)
    task = self._task
    if when is not None and when <= asyncio.get_running_loop().time() and task._must_cancel:
        self._cancelling = min(self._cancelling, task.cancelling() - 1)


timeouts.Timeout.reschedule = reschedule_behind_requests


def shield(arg):
    inner = asyncio.ensure_future(arg)
    if inner.done():
        return inner
    outer = inner.get_loop().create_future()

    def on_inner_done(inner):
        if outer.cancelled():
            return
        if inner.cancelled():
            outer.cancel()
        elif (error := inner.exception()) is not None:
            outer.set_exception(error)
        else:
            outer.set_result(inner.result())

    def on_outer_done(outer):
        if not inner.done():
            inner.remove_done_callback(on_inner_done)

    inner.add_done_callback(on_inner_done)
    outer.add_done_callback(on_outer_done)
    return outer


class Deadlock(Exception):
    pass


class VirtualSelector:
    def __init__(self, loop):
        self.loop = loop
        self.now = 0.0

    def select(self, timeout):
        if timeout is None:
            self.loop.iteration -= 1  # this one does not take place
            raise Deadlock
        if timeout > 0:
            self.now += timeout
        return ()


class StableTimer(asyncio.TimerHandle):
    """Equal deadlines fire in the order in which they were made."""

    __slots__ = ("sequence",)
    made = 0

    def __init__(self, *args):
        super().__init__(*args)
        StableTimer.made += 1
        self.sequence = StableTimer.made

    def __lt__(self, other):
        return (self._when, self.sequence) < (other._when, other.sequence)


asyncio.base_events.events.TimerHandle = StableTimer


class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = VirtualSelector(self)
        self._clock_resolution = 1e-9
        self.iteration = 0
        self.made = []  # tasks by number, in order of creation; holds them, as ours does
        self.making = []  # numbers and names of tasks that are being made: an eager one runs meanwhile

    def time(self):
        return self._selector.now

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass

    def _run_once(self):
        self.iteration += 1
        super()._run_once()

    def create_task(self, coro, **options):
        index = len(self.made)
        self.made.append(None)
        options.setdefault("name", f"auto-{index}")
        self.making.append((index, options["name"]))
        try:
            task = super().create_task(coro, **options)
        finally:
            self.making.pop()
        self.made[index] = task
        return task

    def started(self):
        """A coroutine begins: if that is a task's first step, inside its making, the task is known from now on."""
        task = asyncio.current_task(self)
        if self.making and task is not None and task not in self.made:
            self.made[self.making[-1][0]] = task

    def all(self):
        """The tasks that asyncio knows, in order of creation."""
        numbers = {task: number for number, task in enumerate(self.made) if task is not None}
        making = {name: number for number, name in self.making}
        return sorted(asyncio.all_tasks(self), key=lambda task: numbers.get(task, making.get(task.get_name())))

    def pending(self):
        return [task for task in self.made if task is not None and not task.done()]
