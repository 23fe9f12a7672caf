# What each statement does. The twin of actions.ts, for those that do not wait, and of interpreter.ts, for the others.

import asyncio
import contextvars

from show import CATCHES, make_error, show, show_error
from world import Node, item_of


class Return:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


# ── Statements that do not wait ──────────────────────────────────────────────────────────────────────────────────────


def skipping(table, key):
    """A statement on an entry of a table: skipped when there is none."""

    def decorate(function):
        def run(world, spec, frame):
            entry = getattr(world, table)[spec[key]]
            return "none" if entry is None else function(world, spec, entry)

        return run

    return decorate


def on_future(function):
    def run(world, spec, frame):
        future = world.future(spec["slot"])
        return "none" if future is None else function(world, spec, future)

    return run


def on_object(function):
    return lambda world, spec, frame: function(world, spec, world.objects[spec["object"]])


def keep(world, spec, frame):
    node = Node()
    return world.put(spec["slot"], asyncio.ensure_future(world.source(spec["source"], node)), node)


def spawn(world, spec, frame):
    options = world.task_options(spec)
    node = Node()
    return world.put(spec["slot"], asyncio.create_task(world.coroutine(spec["body"], node), **options), node)


@on_future
def cancel(world, spec, future):
    return future.cancel() if spec["message"] is None else future.cancel(spec["message"])


@on_future
def uncancel(world, spec, future):
    return future.uncancel() if isinstance(future, asyncio.Task) else "no task"


@on_future
def cancelling(world, spec, future):
    return future.cancelling() if isinstance(future, asyncio.Task) else "no task"


@on_future
def probe(world, spec, future):
    parts = [future.done(), future.cancelled()]
    for method in (future.result, future.exception):
        try:
            parts.append(method())
        except BaseException as error:
            parts.append(error)
    return parts


@on_future
def rename(world, spec, future):
    if isinstance(future, asyncio.Task):
        future.set_name(spec["name"])


def new_future(world, spec, frame):
    world.put(spec["slot"], world.loop.create_future())


@on_future
def set_result(world, spec, future):
    future.set_result(spec["value"])


@on_future
def set_error(world, spec, future):
    future.set_exception(make_error(spec["error"], spec["message"]))


@on_future
def add_callback(world, spec, future):
    callback = world.callback(f"{spec['id']}:callback", spec["body"])
    world.callbacks[spec["callback"]] = callback
    future.add_done_callback(callback, **world.call_options(spec))


@on_future
def remove_callback(world, spec, future):
    callback = world.callbacks[spec["callback"]]
    return "none" if callback is None else future.remove_done_callback(callback)


def all_tasks(world, spec, frame):
    return [task.get_name() for task in world.loop.all()]


def call_soon(world, spec, frame):
    callback = world.callback(f"{spec['id']}:called", spec["body"])
    call = world.loop.call_soon_threadsafe if spec.get("threadsafe") else world.loop.call_soon
    world.handles[spec["handle"]] = call(callback, spec["id"], **world.call_options(spec))


def call_later(world, spec, frame):
    callback = world.callback(f"{spec['id']}:called", spec["body"])
    handle = world.loop.call_later(spec["delay"], callback, **world.call_options(spec))
    world.handles[spec["handle"]] = handle
    return handle.when()


def call_at(world, spec, frame):
    callback = world.callback(f"{spec['id']}:called", spec["body"])
    when = world.loop.time() + spec["delay"]
    world.handles[spec["handle"]] = world.loop.call_at(when, callback, **world.call_options(spec))


@skipping("handles", "handle")
def cancel_handle(world, spec, handle):
    before = handle.cancelled()
    handle.cancel()
    return [before, handle.cancelled()]


def raise_(world, spec, frame):
    raise make_error(spec["error"], spec["message"])


def reraise(world, spec, frame):
    if frame.error is not None:
        raise frame.error


def return_(world, spec, frame):
    return Return(spec["value"])


@skipping("scopes", "scope")
def reschedule(world, spec, scope):
    scope.reschedule(None if spec["delay"] is None else world.loop.time() + spec["delay"])


@skipping("scopes", "scope")
def show_scope(world, spec, scope):
    return [scope.expired(), scope.when(), repr(scope).split("]")[0]]


def group_spawn(world, spec, frame):
    group = world.groups[spec["group"]]
    if group is None:
        return "none"
    options = world.task_options(spec)
    node = Node()
    return world.put(spec["slot"], group.create_task(world.coroutine(spec["body"], node), **options), node)


def in_context(world, spec, frame):
    contextvars.copy_context().run(world.callback(f"{spec['id']}:inside", spec["body"]))


def report(world, spec, frame):
    world.loop.call_exception_handler({"message": spec["message"]})


@on_object
def notify(world, spec, condition):
    if spec["count"] is None:
        condition.notify_all()
    else:
        condition.notify(spec["count"])


def show_object(world, spec, frame):
    thing = world.objects[spec["object"]]
    if isinstance(thing, asyncio.Queue):
        items = list(thing._queue)
        text = str(thing)
        if len(items) > 20:  # our texts of long lists end early
            text = text.replace(repr(items), f"{repr(items[:20])[:-1]}, ...]")
        text = text.replace("_queue", "queue").replace("_getters", "getters").replace("_putters", "putters")
        text = text.replace("(", "[").replace(")", "]")  # tuples are arrays
        return f"{text} {thing.qsize()} {show(thing.empty())} {show(thing.full())}"
    return "[" + repr(thing).split("[")[-1][:-1]


def count(world, spec, frame):
    world.counters[spec["counter"]] += 1
    return world.counters[spec["counter"]]


@on_object
def put_nowait(world, spec, queue):
    queue.put_nowait(item_of(spec["value"]))


def set_variable(world, spec, frame):
    world.tokens[spec["token"]] = world.variables[spec["variable"]].set(spec["value"])


def get_variable(world, spec, frame):
    return world.variables[spec["variable"]].get()


@skipping("tokens", "token")
def reset_variable(world, spec, token):
    world.variables[spec["variable"]].reset(token)


SYNC = {
    "keep": keep,
    "spawn": spawn,
    "cancel": cancel,
    "uncancel": uncancel,
    "cancelling": cancelling,
    "probe": probe,
    "rename": rename,
    "future": new_future,
    "setResult": set_result,
    "setError": set_error,
    "addCallback": add_callback,
    "removeCallback": remove_callback,
    "tasks": all_tasks,
    "callSoon": call_soon,
    "callLater": call_later,
    "callAt": call_at,
    "cancelHandle": cancel_handle,
    "raise": raise_,
    "reraise": reraise,
    "return": return_,
    "reschedule": reschedule,
    "showScope": show_scope,
    "groupSpawn": group_spawn,
    "report": report,
    "inContext": in_context,
    "release": on_object(lambda world, spec, lock: lock.release()),
    "set": on_object(lambda world, spec, event: event.set()),
    "clear": on_object(lambda world, spec, event: event.clear()),
    "show": show_object,
    "notify": notify,
    "count": count,
    "putNowait": put_nowait,
    "getNowait": on_object(lambda world, spec, queue: queue.get_nowait()),
    "taskDone": on_object(lambda world, spec, queue: queue.task_done()),
    "shutdown": on_object(lambda world, spec, queue: queue.shutdown(spec["immediate"])),
    "setVariable": set_variable,
    "getVariable": get_variable,
    "resetVariable": reset_variable,
}


# ── Statements that wait, or hold others that do ─────────────────────────────────────────────────────────────────────


async def await_(world, spec, frame):
    value = await world.source(spec["source"], frame.node)
    world.trace(f"{spec['id']}:await", show(value))


async def try_(world, spec, frame):
    outer = frame.error
    try:
        return await world.block(spec["body"], frame)
    except GeneratorExit:
        raise
    except BaseException as error:
        if world.closed:
            raise
        for handler in spec["handlers"]:
            if isinstance(error, CATCHES[handler["catches"]]):
                world.trace(f"{spec['id']}:caught", show_error(error))
                frame.error = error
                return await world.block(handler["body"], frame)
        raise
    finally:
        frame.error = outer
        if not world.closed:
            signal = await world.block(spec["finally"], frame)
            if signal is not None:
                return signal


async def repeat(world, spec, frame):
    for _ in range(spec["times"]):
        signal = await world.block(spec["body"], frame)
        if signal is not None:
            return signal


async def if_(world, spec, frame):
    future = world.future(spec["slot"])
    chosen = future is not None and future.done()
    return await world.block(spec["body" if chosen else "otherwise"], frame)


async def timeout(world, spec, frame):
    delay = spec["delay"]
    if spec["absolute"]:
        scope = asyncio.timeout_at(None if delay is None else world.loop.time() + delay)
    else:
        scope = asyncio.timeout(delay)
    world.scopes[spec["scope"]] = scope
    async with scope:
        signal = await world.block(spec["body"], frame)
    world.trace(f"{spec['id']}:timeout", show(scope.expired()))
    return signal


async def group(world, spec, frame):
    world.groups[spec["group"]] = group = asyncio.TaskGroup()
    async with group:
        signal = await world.block(spec["body"], frame)
    world.trace(f"{spec['id']}:group", "left")
    return signal


async def reenter(world, spec, frame):
    manager = world.scopes[spec["scope"]] if "scope" in spec else world.groups[spec["group"]]
    if manager is None:
        world.trace(f"{spec['id']}:reenter", "none")
        return
    async with manager:
        world.trace(f"{spec['id']}:reenter", "entered")


async def as_completed(world, spec, frame):
    label = f"{spec['id']}:next"
    iterator = asyncio.as_completed([world.source(one, Node()) for one in spec["of"]], timeout=spec["timeout"])
    left = spec["limit"]
    if spec["asynchronous"]:
        async for future in iterator:
            world.trace(label, f"{show(future)} {show(future.cancelled())}")
            left -= 1
            if left == 0:
                break
    else:
        for one in iterator:
            try:
                world.trace(label, show(await one))
            except (Exception, asyncio.CancelledError) as error:
                if world.closed or (isinstance(error, asyncio.CancelledError) and not spec.get("stubborn")):
                    raise
                world.trace(label, f"! {show_error(error)}")
            left -= 1
            if left == 0:
                break
    world.trace(f"{spec['id']}:asCompleted", "end")


async def with_(world, spec, frame):
    async with world.objects[spec["object"]] as entered:
        world.trace(f"{spec['id']}:with", show(entered))
        signal = await world.block(spec["body"], frame)
    world.trace(f"{spec['id']}:with", "left")
    return signal


async def wait_until(world, spec, frame):
    def predicate():
        value = world.counters[spec["counter"]]
        world.trace(f"{spec['id']}:predicate", show(value))
        return value >= spec["atLeast"]

    value = await world.objects[spec["object"]].wait_for(predicate)
    world.trace(f"{spec['id']}:waitUntil", show(value))


async def abort(world, spec, frame):
    await world.objects[spec["object"]].abort()
    world.trace(f"{spec['id']}:abort", "done")


async def reset(world, spec, frame):
    await world.objects[spec["object"]].reset()
    world.trace(f"{spec['id']}:reset", "done")


WAITING = {
    "await": await_,
    "try": try_,
    "repeat": repeat,
    "if": if_,
    "timeout": timeout,
    "group": group,
    "reenter": reenter,
    "asCompleted": as_completed,
    "with": with_,
    "waitUntil": wait_until,
    "abort": abort,
    "reset": reset,
}
