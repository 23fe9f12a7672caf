# What a program sees while it runs: its loop, its tables, its trace, and what it can await. The twin of world.ts.

import asyncio
import contextvars

from loop import VirtualLoop, shield
from show import show, show_message

MAX_LINES = 4000
TABLES = {}  # program.ts's: how many entries the tables have


class Node:
    """Something that waits: a future, or a coroutine. Cancelling it cancels what it waits for, so it must not be in a circle."""

    __slots__ = ("future", "ended", "waits_for")

    def __init__(self):
        self.future = None
        self.ended = False
        self.waits_for = []

    def reaches(self, other):
        if self is other:
            return True
        if self.ended or (self.future is not None and self.future.done()):
            return False
        return any(node.reaches(other) for node in self.waits_for)


class World:
    def __init__(self, program):
        self.loop = VirtualLoop()
        self.lines = []
        self.reports = []
        self.closed = False
        self.slots = [None] * TABLES["slots"]
        self.nodes = [None] * TABLES["slots"]
        self.handles = [None] * TABLES["handles"]
        self.callbacks = [None] * TABLES["callbacks"]
        self.scopes = [None] * TABLES["scopes"]
        self.groups = [None] * TABLES["groups"]
        self.counters = [0] * TABLES["counters"]
        self.tokens = [None] * TABLES["tokens"]
        self.variables = [contextvars.ContextVar(f"v{i}", default="unset") for i in range(TABLES["variables"])]
        self.shared = contextvars.Context()
        self.objects = []
        for spec in program["objects"]:
            self.objects.append(self.make(spec))
        if program.get("debug"):
            self.loop.set_debug(True)
        if program["eager"]:
            self.loop.set_task_factory(asyncio.eager_task_factory)
        self.loop.set_exception_handler(self.on_error)

    def make(self, spec):
        kind = spec["type"]
        if kind == "Condition":
            lock = spec["lock"]
            return asyncio.Condition(None if lock is None else self.objects[lock])
        if kind in ("Semaphore", "BoundedSemaphore"):
            return getattr(asyncio, kind)(spec["value"])
        if kind == "Barrier":
            return asyncio.Barrier(spec["parties"])
        if kind in ("Lock", "Event"):
            return getattr(asyncio, kind)()
        return getattr(asyncio, kind)(spec["maxsize"])

    def trace(self, what, text):
        if self.closed or len(self.lines) >= MAX_LINES:
            return
        loop = self.loop
        now = loop._selector.now
        task = asyncio.current_task(loop)
        name = "-" if task is None else task.get_name()
        self.lines.append(f"{show(now)} {loop.iteration} {name} {what} {text}")

    def on_error(self, loop, context):
        message = context["message"]
        error = context.get("exception")
        if "never retrieved" in message:
            self.reports.append(f"{message} {show(error)}")
        elif "was destroyed" not in message:
            self.trace("reported", f"{show_message(message)} {show(error)} {show(self.variables[0].get())}")

    def source(self, spec, node):
        """What can be awaited, for a node that is to wait for it."""
        kind = spec["source"]
        if kind == "coroutine":
            return self.coroutine(spec["body"], self.child(node))
        if kind == "slot":
            return self.slot(spec["slot"], node)
        if kind == "sleep":
            return asyncio.sleep(spec["delay"], spec["value"])
        if kind == "acquire":
            return self.objects[spec["object"]].acquire()
        if kind in ("wait", "barrier"):
            return self.objects[spec["object"]].wait()
        if kind == "get":
            return self.objects[spec["object"]].get()
        if kind == "join":
            return self.objects[spec["object"]].join()
        if kind == "put":
            return self.objects[spec["object"]].put(item_of(spec["value"]))
        if kind == "gather":
            of = [self.source(one, node) for one in spec["of"]]
            again = spec["again"]
            if again is not None and of:
                of.append(of[again % len(of)])
            return asyncio.gather(*of, return_exceptions=spec["returnExceptions"])
        if kind == "shield":
            return shield(self.source(spec["of"], Node()))
        if kind == "waitFor":
            return asyncio.wait_for(self.source(spec["of"], node), spec["timeout"])
        if kind == "waitAll":
            futures = [self.slots[slot] for slot in spec["slots"] if self.slots[slot] is not None]
            if not futures:
                return self.empty()
            return asyncio.wait(futures, timeout=spec["timeout"], return_when=spec["mode"])
        raise AssertionError(kind)

    def slot(self, slot, node):
        future, target = self.slots[slot], self.nodes[slot]
        if future is None:
            return self.empty()
        if target is not None:
            if target.reaches(node):
                self.trace("circle", str(slot))
                return self.empty()
            node.waits_for.append(target)
        return future

    def child(self, node):
        child = Node()
        node.waits_for.append(child)
        return child

    def put(self, slot, future, node=None):
        """Fills a slot; a plain future has no node."""
        self.slots[slot] = future
        self.nodes[slot] = node
        if node is not None:
            node.future = future
        return future

    def future(self, slot):
        """The future in a slot, or the current task; None when there is none."""
        return asyncio.current_task(self.loop) if slot == -1 else self.slots[slot]

    def task_options(self, spec):
        options = {"name": spec["name"]}
        if "eager" in spec:
            options["eager_start"] = spec["eager"]
        if "context" in spec:
            options["context"] = self.context(spec["context"])
        return options

    def context(self, choice):
        return self.shared if choice == "shared" else contextvars.copy_context()

    def call_options(self, spec):
        return {"context": self.context(spec["context"])} if "context" in spec else {}


def item_of(value):
    return tuple(item_of(one) for one in value) if isinstance(value, list) else value
