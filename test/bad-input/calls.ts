// Every public call that takes something, parameter by parameter.
import * as w from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import type { Call, World } from "./world.ts";

export interface Row {
  name: string;
  parameter: string;
  call: Call;
  subject: (world: World) => unknown;
  rule?: unknown;
}
const none = (): unknown => null;
export const ROWS: Row[] = [];
function row(
  name: string,
  parameter: string,
  call: (value: any, world: World, subject: any) => unknown,
  subject: (world: World) => unknown = none,
): void {
  ROWS.push({ name, parameter, call: call as Call, subject });
}
const nothing = (): void => {};
function* coro(): w.Coroutine<number> {
  yield* w.sleep(0);
  return 1;
}
function* body(): w.Coroutine<number> {
  return 1;
}

row("setEventLoop", "loop", (v) => {
  w.setEventLoop(v);
  w.setEventLoop(null);
});
row("createTask", "coro", (v) => w.createTask(v));
row("createTask", "options", (v) => w.createTask(coro(), v));
row("createTask", "name", (v) => w.createTask(coro(), { name: v }));
row("createTask", "context", (v) => w.createTask(coro(), { context: v }));
row("createTask", "eagerStart", (v) => w.createTask(coro(), { eagerStart: v }));
row("ensureFuture", "awaitable", (v) => w.ensureFuture(v));
row("ensureFuture", "options", (v) => w.ensureFuture(coro(), v));
row("ensureFuture", "loop", (v) => w.ensureFuture(coro(), { loop: v }));
row("sleep", "delay", (v) => w.sleep(v));
row("sleep", "result", (v) => w.sleep(0, v));
row("currentTask", "loop", (v) => w.currentTask(v));
row("allTasks", "loop", (v) => w.allTasks(v));
row("gather", "awaitable", (v) => w.gather(v));
row("gather", "second awaitable", (v) => w.gather(coro(), v));
row("gather", "in the list", (v) => w.gather([v]));
row("gather", "options", (v) => w.gather([coro()], v));
row("gather", "returnExceptions", (v) => w.gather([coro()], { returnExceptions: v }));
row("wait", "futures", (v) => w.wait(v));
row("wait", "in the list", (v) => w.wait([v]));
row("wait", "options", (v, { loop }) => w.wait([loop.createFuture()], v));
row("wait", "timeout", (v, { loop }) => w.wait([loop.createFuture()], { timeout: v }));
row("wait", "returnWhen", (v, { loop }) => w.wait([loop.createFuture()], { returnWhen: v }));
row("waitFor", "awaitable", (v) => w.waitFor(v, 1));
row("waitFor", "awaitable, no time", (v) => w.waitFor(v, 0));
row("waitFor", "timeout", (v) => w.waitFor(coro(), v));
row("shield", "awaitable", (v) => w.shield(v));
row("asCompleted", "awaitables", (v) => w.asCompleted(v));
row("asCompleted", "in the list", (v) => w.asCompleted([v]));
row("asCompleted", "options", (v) => w.asCompleted([], v));
row("asCompleted", "timeout", (v) => w.asCompleted([], { timeout: v }));
row("timeout", "delay", (v) => w.timeout(v));
row("timeoutAt", "when", (v) => w.timeoutAt(v));
row("eagerTaskFactory", "loop", (v) => w.eagerTaskFactory(v, coro(), {}));
row("eagerTaskFactory", "coro", (v, { loop }) => w.eagerTaskFactory(loop, v, {}));
row("eagerTaskFactory", "options", (v, { loop }) => w.eagerTaskFactory(loop, coro(), v));
row("createEagerTaskFactory", "constructor", (v) => w.createEagerTaskFactory(v));
row("createEagerTaskFactory", "constructor, used", (v, { loop }) => w.createEagerTaskFactory(v)(loop, coro(), {}));
row("isCoroutine", "value", (v) => w.isCoroutine(v));
row("isCoroutineFunction", "value", (v) => w.isCoroutineFunction(v));
row("isFuture", "value", (v) => w.isFuture(v));
row("wrapFuture", "promise", (v) => w.wrapFuture(v));
row("wrapFuture", "options", (v) => w.wrapFuture(Promise.resolve(1), v));
row("wrapFuture", "loop", (v) => w.wrapFuture(Promise.resolve(1), { loop: v }));
row("toThread", "fn", (v) => w.toThread(v));
row("runCoroutineThreadsafe", "coro", (v, { loop }) => w.runCoroutineThreadsafe(v, loop));
row("captureCallGraph", "future", (v) => w.captureCallGraph(v));
row("captureCallGraph", "options", (v) => w.captureCallGraph(null, v));
row("captureCallGraph", "limit", (v) => w.captureCallGraph(null, { limit: v }));
row("formatCallGraph", "future", (v) => w.formatCallGraph(v));
row("formatCallGraph", "options", (v) => w.formatCallGraph(null, v));
row("formatCallGraph", "limit", (v) => w.formatCallGraph(null, { limit: v }));
row("printCallGraph", "future", (v) => w.printCallGraph(v, { write: nothing }));
row("printCallGraph", "write", (v) => w.printCallGraph(null, { write: v }));
row("futureAddToAwaitedBy", "future", (v, { loop }) => w.futureAddToAwaitedBy(v, loop.createFuture()));
row("futureAddToAwaitedBy", "waiter", (v, { loop }) => w.futureAddToAwaitedBy(loop.createFuture(), v));
row("futureDiscardFromAwaitedBy", "future", (v, { loop }) => w.futureDiscardFromAwaitedBy(v, loop.createFuture()));
row("futureDiscardFromAwaitedBy", "waiter", (v, { loop }) => w.futureDiscardFromAwaitedBy(loop.createFuture(), v));
row("abortable", "fn", (v) => w.abortable(v));
row("abortable", "what fn returns", (v) => w.abortable(() => v));
row("withAsync", "manager", (v) => w.withAsync(v, body));
row("withAsync", "body", (v) => w.withAsync(new w.Lock(), v));
row("withAsync", "what the body returns", (v) => w.withAsync(new w.Lock(), () => v));
row("withAsync", "what aenter returns", (v) => w.withAsync({ aenter: () => v, aexit: body as never }, body));
row("withAsync", "what aexit returns", (v) => w.withAsync({ aenter: body, aexit: () => v }, body));
row("forEach", "iterable", (v) => w.forEach(v, body));
row("forEach", "body", (v) => w.forEach((async function* () {})(), v));
row("forEach", "what anext returns", (v) => w.forEach({ anext: () => v }, () => false));
row("forEach", "what anext gives", (v) =>
  w.forEach(
    {
      *anext() {
        return v;
      },
    },
    () => false,
  ),
);
row("forEach", "what asyncIterator returns", (v) => w.forEach({ [Symbol.asyncIterator]: () => v }, () => false));

row("Future.constructor", "options", (v) => new w.Future(v));
row("Future.constructor", "loop", (v) => new w.Future({ loop: v }));
const future = ({ loop }: World): unknown => loop.createFuture();
row("Future.setResult", "value", (v, _, f) => f.setResult(v), future);
row(
  "Future.setException",
  "error",
  (v, _, f) => {
    f.setException(v);
    f.exception();
  },
  future,
);
row(
  "Future.cancel",
  "message",
  (v, _, f) => {
    f.cancel(v);
    f.exception();
  },
  future,
);
row(
  "Future.addDoneCallback",
  "callback",
  (v, _, f) => {
    f.addDoneCallback(v);
    f.removeDoneCallback(v);
  },
  future,
);
row(
  "Future.addDoneCallback",
  "options",
  (v, _, f) => {
    f.addDoneCallback(nothing, v);
    f.removeDoneCallback(nothing);
  },
  future,
);
row(
  "Future.addDoneCallback",
  "context",
  (v, _, f) => {
    f.addDoneCallback(nothing, { context: v });
    f.removeDoneCallback(nothing);
  },
  future,
);
row("Future.removeDoneCallback", "callback", (v, _, f) => f.removeDoneCallback(v), future);
row(
  "Future.then",
  "onFulfilled",
  (v, _, f) => void f.then(v).catch(nothing),
  (x) => {
    const f = x.loop.createFuture();
    f.setResult();
    return f;
  },
);

row("Task.constructor", "coro", (v) => new w.Task(v));
row("Task.constructor", "options", (v) => new w.Task(coro(), v));
row("Task.constructor", "loop", (v) => new w.Task(coro(), { loop: v }));
row("Task.constructor", "name", (v) => new w.Task(coro(), { name: v }));
row("Task.constructor", "context", (v) => new w.Task(coro(), { context: v }));
row("Task.constructor", "eagerStart", (v) => new w.Task(coro(), { eagerStart: v }));
const task = (): unknown => w.currentTask();
row("Task.setName", "name", (v, _, t) => t.setName(v), task);
row("Task.setResult", "value", (v, _, t) => t.setResult(v), task);
row("Task.setException", "error", (v, _, t) => t.setException(v), task);
row("Task.cancel", "message", (v) => {
  const t = w.createTask(coro());
  t.cancel(v);
  return t;
});
row("Task.getStack", "options", (v, _, t) => t.getStack(v), task);
row("Task.getStack", "limit", (v, _, t) => t.getStack({ limit: v }), task);
row("Task.printStack", "limit", (v, _, t) => t.printStack({ limit: v, write: nothing }), task);
row("Task.printStack", "write", (v, _, t) => t.printStack({ write: v }), task);

row("Timeout.constructor", "when", (v) => new w.Timeout(v));
row("Timeout.reschedule", "when", (v) =>
  w.timeout(9).with(function* (scope) {
    scope.reschedule(v);
  }),
);
row("Timeout.with", "body", (v) => w.timeout(9).with(v));
row("Timeout.with", "what the body returns", (v) => w.timeout(9).with(() => v));
row("Timeout.aexit", "error", (v) =>
  (function* () {
    const t = w.timeout(9);
    yield* t.aenter();
    yield* t.aexit(v, true);
  })(),
);
row("TaskGroup.createTask", "coro", (v) =>
  new w.TaskGroup().with(function* (g) {
    g.createTask(v);
  }),
);
row("TaskGroup.createTask", "options", (v) =>
  new w.TaskGroup().with(function* (g) {
    g.createTask(coro(), v);
  }),
);
row("TaskGroup.createTask", "context", (v) =>
  new w.TaskGroup().with(function* (g) {
    g.createTask(coro(), { context: v });
  }),
);
row("TaskGroup.with", "body", (v) => new w.TaskGroup().with(v));
row("TaskGroup.with", "what the body returns", (v) => new w.TaskGroup().with(() => v));
row("TaskGroup.aexit", "error", (v) =>
  (function* () {
    const t = new w.TaskGroup();
    yield* t.aenter();
    yield* t.aexit(v, true);
  })(),
);
for (const [name, make] of Object.entries({
  Lock: () => new w.Lock(),
  Condition: () => new w.Condition(),
  Semaphore: () => new w.Semaphore(),
  BoundedSemaphore: () => new w.BoundedSemaphore(),
  Barrier: () => new w.Barrier(1),
})) {
  row(`${name}.with`, "body", (v, _, s) => s.with(v), make);
  row(`${name}.with`, "what the body returns", (v, _, s) => s.with(() => v), make);
}
row("Condition.constructor", "lock", (v) => new w.Condition(v));
row(
  "Condition.waitFor",
  "predicate",
  (v, _, c) => c.with(() => c.waitFor(v)),
  () => new w.Condition(),
);
row("Condition.notify", "n", (v) => {
  const c = new w.Condition();
  c.acquire().next();
  c.notify(v);
});
row("Semaphore.constructor", "value", (v) => new w.Semaphore(v));
row("BoundedSemaphore.constructor", "value", (v) => new w.BoundedSemaphore(v));
row("Barrier.constructor", "parties", (v) => new w.Barrier(v));
row("Queue.constructor", "maxsize", (v) => new w.Queue(v));
row("LifoQueue.constructor", "maxsize", (v) => new w.LifoQueue(v));
row("PriorityQueue.constructor", "maxsize", (v) => new w.PriorityQueue(v));
row("PriorityQueue.constructor", "options", (v) => new w.PriorityQueue(0, v));
row("PriorityQueue.constructor", "key", (v) => new w.PriorityQueue(0, { key: v }));
row("PriorityQueue.constructor", "compare", (v) => new w.PriorityQueue(0, { compare: v }));
for (const [name, make] of Object.entries({
  Queue: () => new w.Queue(),
  LifoQueue: () => new w.LifoQueue(),
  PriorityQueue: () => new w.PriorityQueue(),
})) {
  row(`${name}.put`, "item", (v, _, q) => q.put(v), make);
  row(`${name}.putNowait`, "item", (v, _, q) => q.putNowait(v), make);
  row(`${name}.shutdown`, "immediate", (v, _, q) => q.shutdown(v), make);
}
row(
  "PriorityQueue.putNowait",
  "second item",
  (v, _, q) => q.putNowait(v),
  () => {
    const q = new w.PriorityQueue();
    q.putNowait(1);
    return q;
  },
);
row("PriorityQueue.putNowait", "what key returns", (v) => new w.PriorityQueue(0, { key: () => v }).putNowait(1));
row("PriorityQueue.putNowait", "what compare returns", (v, _, q) => {
  const qq = new w.PriorityQueue(0, { compare: () => v });
  qq.putNowait(1);
  qq.putNowait(2);
});
row("ContextVar.constructor", "name", (v) => new w.ContextVar(v));
row("ContextVar.constructor", "options", (v) => new w.ContextVar("n", v));
row("ContextVar.constructor", "default", (v) => new w.ContextVar("n", { default: v }));
const variable = (): unknown => new w.ContextVar("n");
row("ContextVar.get", "fallback", (v, _, c) => c.get(v), variable);
row("ContextVar.set", "value", (v, _, c) => c.reset(c.set(v)), variable);
row("ContextVar.reset", "token", (v, _, c) => c.reset(v), variable);
row("Context.run", "fn", (v) => new w.Context().run(v));
row("Context.get", "variable", (v) => new w.Context().get(v));
row("Context.has", "variable", (v) => new w.Context().has(v));

row("EventLoop.constructor", "host", (v) => new w.EventLoop(v));
row("EventLoop.callSoon", "callback", (v, { loop }) => loop.callSoon(v));
row("EventLoop.callSoon", "argument", (v, { loop }) => loop.callSoon(nothing as never, v));
row("EventLoop.callSoon", "context", (v, { loop }) => loop.callSoon(nothing as never, { context: v } as never));
row("EventLoop.callSoonThreadsafe", "callback", (v, { loop }) => loop.callSoonThreadsafe(v));
row("EventLoop.callLater", "delay", (v, { loop }) => loop.callLater(v, nothing));
row("EventLoop.callLater", "callback", (v, { loop }) => loop.callLater(1, v));
row("EventLoop.callAt", "when", (v, { loop }) => loop.callAt(v, nothing));
row("EventLoop.callAt", "callback", (v, { loop }) => loop.callAt(1, v));
row("EventLoop.createTask", "coro", (v, { loop }) => loop.createTask(v));
row("EventLoop.createTask", "options", (v, { loop }) => loop.createTask(coro(), v));
row("EventLoop.createTask", "context", (v, { loop }) => loop.createTask(coro(), { context: v }));
row("EventLoop.setTaskFactory", "factory", (v, { loop }) => {
  loop.setTaskFactory(v);
  loop.setTaskFactory(null);
});
row("EventLoop.createTask", "what the factory returns", (v, { loop }) => {
  loop.setTaskFactory(() => v);
  try {
    return loop.createTask(coro());
  } finally {
    loop.setTaskFactory(null);
  }
});
row("createTask", "what the factory returns", (v, { loop }) => {
  loop.setTaskFactory(() => v);
  try {
    return w.createTask(coro());
  } finally {
    loop.setTaskFactory(null);
  }
});
row("TaskGroup.createTask", "what the factory returns", (v, { loop }) =>
  new w.TaskGroup().with(function* (g) {
    loop.setTaskFactory(() => v);
    try {
      g.createTask(coro());
    } finally {
      loop.setTaskFactory(null);
    }
  }),
);
row("ensureFuture", "what the factory returns", (v, { loop }) => {
  loop.setTaskFactory(() => v);
  try {
    return w.gather(coro());
  } finally {
    loop.setTaskFactory(null);
  }
});
row("EventLoop.setExceptionHandler", "handler", (v, { loop }) => {
  const h = loop.getExceptionHandler();
  loop.setExceptionHandler(v);
  loop.setExceptionHandler(h);
});
row("EventLoop.defaultExceptionHandler", "context", (v, { loop }) => loop.defaultExceptionHandler(v));
row("EventLoop.callExceptionHandler", "context", (v, { loop }) => loop.callExceptionHandler(v));
row("EventLoop.callExceptionHandler", "context.task", (v, { loop }) => loop.callExceptionHandler({ task: v }));
row("EventLoop.callExceptionHandler", "context.message, default", (v, { loop }) => {
  const h = loop.getExceptionHandler();
  loop.setExceptionHandler(null);
  try {
    loop.callExceptionHandler({ message: v });
  } finally {
    loop.setExceptionHandler(h);
  }
});
row("EventLoop.callExceptionHandler", "context, default", (v, { loop }) => {
  const h = loop.getExceptionHandler();
  loop.setExceptionHandler(null);
  try {
    loop.callExceptionHandler(v);
  } finally {
    loop.setExceptionHandler(h);
  }
});
row("EventLoop.setDebug", "enabled", (v, { loop }) => {
  loop.setDebug(v);
  loop.setDebug(false);
});
row("EventLoop.slowCallbackDuration", "value", (v, { loop }) => {
  loop.slowCallbackDuration = v;
  loop.slowCallbackDuration = 0.1;
});
row("EventLoop.runInExecutor", "fn", (v, { loop }) => loop.runInExecutor(null, v));
row("EventLoop.shutdownDefaultExecutor", "timeout", (v, { loop }) => loop.shutdownDefaultExecutor(v));
row("EventLoop.setDefaultExecutor", "executor", (v, { loop }) => loop.setDefaultExecutor(v));
row("ExceptionGroup.constructor", "message", (v) => new w.ExceptionGroup(v, [1]));
row("ExceptionGroup.constructor", "errors", (v) => new w.ExceptionGroup("m", v));
const group = (): unknown => new w.ExceptionGroup("m", [new RangeError("x")]);
row("ExceptionGroup.split", "condition", (v, _, g) => g.split(v), group);
row("ExceptionGroup.split", "in the list", (v, _, g) => g.split([v]), group);
row("ExceptionGroup.subgroup", "condition", (v, _, g) => g.subgroup(v), group);
row("ExceptionGroup.derive", "errors", (v, _, g) => g.derive(v), group);
for (const name of ["RuntimeError", "MemoryError", "CancelledError", "InternalError", "NotAvailableError"] as const)
  row(`${name}.constructor`, "message", (v) => new w[name](v));
row("IncompleteReadError.constructor", "partial", (v) => new w.IncompleteReadError(v, 1));
row("IncompleteReadError.constructor", "expected", (v) => new w.IncompleteReadError(new Uint8Array(), v));
row("LimitOverrunError.constructor", "message", (v) => new w.LimitOverrunError(v, 1));
row("LimitOverrunError.constructor", "consumed", (v) => new w.LimitOverrunError("", v));
row("Runner.constructor", "options", (v) => new w.Runner(v));
row("Runner.constructor", "loopFactory", (v) => new w.Runner({ loopFactory: v }));
row("Runner.constructor", "debug", (v) => new w.Runner({ debug: v }));
row("Runner.getLoop", "what loopFactory returns", (v) => new w.Runner({ loopFactory: () => v }).getLoop());
