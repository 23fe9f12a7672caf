// Every public call in the wrong place: outside any loop, in a task of another loop, and when its loop is closed.

import {
  abortable,
  aclosing,
  allTasks,
  asCompleted,
  AsyncExitStack,
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  captureCallGraph,
  dumpTasks,
  Condition,
  Context,
  ContextVar,
  copyContext,
  type Coroutine,
  createEagerTaskFactory,
  createTask,
  currentTask,
  DeadlockError,
  eagerTaskFactory,
  ensureFuture,
  Event,
  EventLoop,
  ExceptionGroup,
  forEach,
  formatCallGraph,
  Future,
  futureAddToAwaitedBy,
  type FutureCallGraph,
  futureDiscardFromAwaitedBy,
  gather,
  getEventLoop,
  getRunningLoop,
  type Handle,
  type Hold,
  InvalidStateError,
  isCoroutine,
  KeyboardInterrupt,
  LifoQueue,
  Lock,
  MemoryError,
  moveOnAfter,
  moveOnAt,
  newEventLoop,
  nullContext,
  printCallGraph,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  race,
  run,
  Runner,
  RuntimeError,
  Semaphore,
  setEventLoop,
  shield,
  shielded,
  sleep,
  Task,
  TaskGroup,
  Timeout,
  timeout,
  timeoutAt,
  TimeoutError,
  type TimerHandle,
  wait,
  waitFor,
  withAsync,
  wrapFuture,
} from "wasyncio";
import {
  History,
  LeakError,
  OutsideError,
  SweepFault,
  TokenError,
  VirtualEventLoop,
  eventually,
  explore,
  runSync,
  simulate,
  simulated,
  sweep,
} from "wasyncio/testing";
import { toTimeline, toTimelinePage } from "wasyncio/timeline";
import { runOnce } from "../support/stage.ts";
import { type Situated, empty, nothing, situated, waiting } from "./row.ts";
import { STREAM_SITUATIONS } from "./situations-streams.ts";

export const SITUATED: Situated[] = [...STREAM_SITUATIONS];

function add<S>(
  make: (loop: VirtualEventLoop) => S,
  calls: Record<string, (subject: S, loop: VirtualEventLoop) => unknown>,
): void {
  SITUATED.push(...situated(make, calls));
}

/** A future of the loop for which a task waits. */
function awaited(loop: VirtualEventLoop): Future<unknown> {
  const future = loop.createFuture<unknown>();
  loop.createTask(awaiting(future));
  runOnce(loop);
  return future;
}

function* awaiting(future: Future<unknown>): Coroutine<unknown> {
  return yield* future;
}

/** A primitive on which a task of the loop waits. */
function waitedFor<P>(primitive: P, wait: (primitive: P) => Coroutine<unknown>): (loop: VirtualEventLoop) => P {
  return (loop) => {
    loop.createTask(wait(primitive));
    runOnce(loop);
    return primitive;
  };
}

const noSubject = (): null => null;
const EMPTY_LOG = { actors: [], steps: [], time: 0 };

add(noSubject, {
  createTask: () => createTask(waiting()),
  ensureFuture: () => ensureFuture(waiting()),
  sleep: () => sleep(1),
  currentTask: () => currentTask(),
  allTasks: () => allTasks(),
  dumpTasks: () => dumpTasks(),
  gather: () => gather(waiting()),
  wait: (_, loop) => wait([loop.createFuture()]),
  waitFor: () => waitFor(waiting(), 1),
  shield: () => shield(waiting()),
  asCompleted: () => asCompleted([waiting()]).next().value,
  timeout: () => timeout(1),
  timeoutAt: () => timeoutAt(1),
  moveOnAfter: () => moveOnAfter(1).with(empty),
  moveOnAt: () => moveOnAt(1).with(empty),
  shielded: () => shielded(empty),
  race: () => race(waiting()),
  aclosing: () => aclosing(new AsyncExitStack()).with(empty),
  nullContext: () => nullContext().with(empty),
  eagerTaskFactory: (_, loop) => eagerTaskFactory(loop, waiting(), {}),
  createEagerTaskFactory: (_, loop) => createEagerTaskFactory(Task)(loop, waiting(), {}),
  isCoroutine: () => isCoroutine(waiting()),
  wrapFuture: () => wrapFuture(Promise.resolve(1)),
  abortable: () => abortable(() => Promise.resolve(1)),
  withAsync: () => withAsync(timeoutAt(1), empty),
  forEach: () => forEach((async function* () {})(), nothing),
  captureCallGraph: () => captureCallGraph(),
  formatCallGraph: () => formatCallGraph(),
  printCallGraph: () => printCallGraph(null, { write: nothing }),
  copyContext: () => copyContext(),
  getRunningLoop: () => getRunningLoop(),
  getEventLoop: () => getEventLoop(),
  newEventLoop: () => newEventLoop().close(),
  setEventLoop: () => setEventLoop(null),
  run: () => run(waiting, { loopFactory: () => new VirtualEventLoop() }),
  "EventLoop.constructor": () => new EventLoop().close(),
  "VirtualEventLoop.constructor": () => new VirtualEventLoop().close(),
  "Future.constructor": () => new Future(),
  "Task.constructor": () => new Task(waiting()),
  "TaskGroup.constructor": () => new TaskGroup(),
  "Lock.constructor": () => new Lock(),
  "Event.constructor": () => new Event(),
  "Context.constructor": () => new Context(),
  "RuntimeError.constructor": () => new RuntimeError("m"),
  "MemoryError.constructor": () => new MemoryError("m"),
  "TimeoutError.constructor": () => new TimeoutError("m"),
  "InvalidStateError.constructor": () => new InvalidStateError("m"),
  "KeyboardInterrupt.constructor": () => new KeyboardInterrupt("m"),
  "BrokenBarrierError.constructor": () => new BrokenBarrierError("m"),
  "DeadlockError.constructor": () => new DeadlockError("m"),
  "LeakError.constructor": () => new LeakError("m"),
  "OutsideError.constructor": () => new OutsideError("m"),
  "TokenError.constructor": () => new TokenError("m"),
  "SweepFault.constructor": () => new SweepFault("m"),
  runSync: () => runSync(waiting),
  simulate: () => simulate(waiting),
  explore: () => explore(waiting, { runs: 2 }),
  sweep: () => sweep(waiting),
  eventually: () => eventually(() => false, { within: 1 }),
  simulated: () => void simulated(waiting),
  toTimeline: () => toTimeline(EMPTY_LOG),
  toTimelinePage: () => toTimelinePage(EMPTY_LOG),
  "QueueEmpty.constructor": () => new QueueEmpty("m"),
  "QueueFull.constructor": () => new QueueFull("m"),
  "QueueShutDown.constructor": () => new QueueShutDown("m"),
});

add((loop) => loop, {
  "EventLoop.runUntilComplete": (loop) => loop.runUntilComplete(waiting()),
  "VirtualEventLoop.runUntilCompleteSync": (loop) => loop.runUntilCompleteSync(waiting()),
  "EventLoop.runForever": (loop) => {
    loop.stop();
    return loop.runForever();
  },
  "VirtualEventLoop.runForever": (loop) => {
    loop.stop();
    return loop.runForever();
  },
  "VirtualEventLoop.runForeverSync": (loop) => {
    loop.stop();
    loop.runForeverSync();
  },
  "VirtualEventLoop.digest": (loop) => loop.digest(),
  "EventLoop.stop": (loop) => loop.stop(),
  "EventLoop.close": (loop) => loop.close(),
  "EventLoop.isRunning": (loop) => loop.isRunning(),
  "EventLoop.isClosed": (loop) => loop.isClosed(),
  "EventLoop.time": (loop) => loop.time(),
  "EventLoop.random": (loop) => loop.random("name").float(),
  "EventLoop.callSoon": (loop) => loop.callSoon(nothing),
  "EventLoop.callSoonThreadsafe": (loop) => loop.callSoonThreadsafe(nothing),
  "EventLoop.callLater": (loop) => loop.callLater(1, nothing),
  "EventLoop.callAt": (loop) => loop.callAt(1, nothing),
  "EventLoop.addSignalHandler": (loop) => loop.addSignalHandler("SIGTERM", nothing),
  "EventLoop.removeSignalHandler": (loop) => loop.removeSignalHandler("SIGTERM"),
  "EventLoop.createFuture": (loop) => loop.createFuture(),
  "EventLoop.createExternalFuture": (loop) => loop.createExternalFuture().cancel(),
  "EventLoop.createTask": (loop) => loop.createTask(waiting()),
  "EventLoop.setTaskFactory": (loop) => loop.setTaskFactory(null),
  "EventLoop.getTaskFactory": (loop) => loop.getTaskFactory(),
  "EventLoop.setExceptionHandler": (loop) => loop.setExceptionHandler(nothing),
  "EventLoop.getExceptionHandler": (loop) => loop.getExceptionHandler(),
  "EventLoop.callExceptionHandler": (loop) => loop.callExceptionHandler({ message: "m" }),
  "EventLoop.defaultExceptionHandler": (loop) => loop.defaultExceptionHandler({ message: "m" }),
  "EventLoop.getDebug": (loop) => loop.getDebug(),
  "EventLoop.setDebug": (loop) => loop.setDebug(false),
  "EventLoop.shutdownAsyncgens": (loop) => loop.shutdownAsyncgens(),
  "EventLoop.toString": (loop) => String(loop),
  "EventLoop.toJSON": (loop) => loop.toJSON(),
});

add((loop) => new Runner({ loopFactory: () => loop }), {
  "Runner.getLoop": (runner) => runner.getLoop(),
  "Runner.run": (runner) => runner.run(waiting),
  "Runner.close": (runner) => runner.close(),
  "Runner.[asyncDispose]": (runner) => runner[Symbol.asyncDispose](),
});

add((loop): Handle => loop.callSoon(nothing), {
  "Handle.cancel": (handle) => handle.cancel(),
  "Handle.cancelled": (handle) => handle.cancelled(),
  "Handle.getContext": (handle) => handle.getContext(),
  "Handle.toString": (handle) => String(handle),
  "Handle.toJSON": (handle) => handle.toJSON(),
});
add((loop): TimerHandle => loop.callLater(1, nothing), {
  "TimerHandle.when": (handle) => handle.when(),
});

add(awaited, {
  "Future.result": (future) => future.result(),
  "Future.exception": (future) => future.exception(),
  "Future.done": (future) => future.done(),
  "Future.cancelled": (future) => future.cancelled(),
  "Future.setResult": (future) => future.setResult(1),
  "Future.setException": (future) => {
    future.setException(new Error("e"));
    future.exception();
  },
  "Future.cancel": (future) => future.cancel(),
  "Future.addDoneCallback": (future) => future.addDoneCallback(nothing),
  "Future.removeDoneCallback": (future) => future.removeDoneCallback(nothing),
  "Future.getLoop": (future) => future.getLoop(),
  "Future.then": (future) => void future.then(nothing),
  "Future.[iterator]": (future) => awaiting(future),
  "Future.toString": (future) => String(future),
  "Future.toJSON": (future) => future.toJSON(),
  futureAddToAwaitedBy: (future) => futureAddToAwaitedBy(future, future),
  futureDiscardFromAwaitedBy: (future) => futureDiscardFromAwaitedBy(future, future),
});

add((loop) => loop.createTask(sleep(1)) as Task<unknown>, {
  "Task.getCoro": (task) => void task.getCoro(),
  "Task.getName": (task) => task.getName(),
  "Task.setName": (task) => task.setName("n"),
  "Task.getContext": (task) => task.getContext(),
  "Task.setResult": (task) => (task as Future<unknown>).setResult(1),
  "Task.setException": (task) => (task as Future<unknown>).setException(new Error("e")),
  "Task.cancel": (task) => task.cancel(),
  "Task.cancelling": (task) => task.cancelling(),
  "Task.uncancel": (task) => task.uncancel(),
  "Task.getStack": (task) => task.getStack(),
  "Task.printStack": (task) => task.printStack({ write: nothing }),
});

add(() => new Timeout(1), {
  "Timeout.constructor": () => new Timeout(1),
  "Timeout.when": (scope) => scope.when(),
  "Timeout.reschedule": (scope) => scope.reschedule(2),
  "Timeout.expired": (scope) => scope.expired(),
  "Timeout.aenter": (scope) => scope.aenter(),
  "Timeout.aexit": (scope) => scope.aexit(null, false),
  "Timeout.enter": (scope) => scope.enter(),
  "Timeout.fail": (scope) => scope.fail(null),
  "Timeout.exit": (scope) => scope.exit(),
  "Timeout.with": (scope) => scope.with(empty),
  "Timeout.toString": (scope) => String(scope),
});
add(() => new TaskGroup(), {
  "TaskGroup.aenter": (group) => group.aenter(),
  "TaskGroup.aexit": (group) => group.aexit(null, false),
  "TaskGroup.enter": (group) => group.enter(),
  "TaskGroup.fail": (group) => group.fail(null),
  "TaskGroup.exit": (group) => group.exit(),
  "TaskGroup.with": (group) => group.with(empty),
  "TaskGroup.createTask": (group) => group.createTask(waiting()),
  "TaskGroup.cancel": (group) => group.cancel(),
  "TaskGroup.toString": (group) => String(group),
});

add(() => new AsyncExitStack(), {
  "AsyncExitStack.constructor": () => new AsyncExitStack(),
  "AsyncExitStack.enterAsyncContext": (stack) => stack.enterAsyncContext(timeoutAt(1)),
  "AsyncExitStack.pushAsyncExit": (stack) => void stack.pushAsyncExit(empty),
  "AsyncExitStack.pushAsyncCallback": (stack) => void stack.pushAsyncCallback(empty),
  "AsyncExitStack.callback": (stack) => void stack.callback(nothing),
  "AsyncExitStack.popAll": (stack) => stack.popAll(),
  "AsyncExitStack.aclose": (stack) => stack.aclose(),
  "AsyncExitStack.aenter": (stack) => stack.aenter(),
  "AsyncExitStack.aexit": (stack) => stack.aexit(null, false),
  "AsyncExitStack.with": (stack) => stack.with(empty),
  "AsyncExitStack.toString": (stack) => String(stack),
});

/** A lock that is held, for which a task of the loop waits. */
function heldLock(loop: VirtualEventLoop): Lock {
  const lock = new Lock();
  lock.acquire().next();
  return waitedFor(lock, (each) => each.acquire())(loop);
}
add(heldLock, {
  "Lock.locked": (lock) => lock.locked(),
  "Lock.acquire": (lock) => lock.acquire(),
  "Lock.release": (lock) => lock.release(),
  "Lock.aenter": (lock) => lock.aenter(),
  "Lock.aexit": (lock) => lock.aexit(),
  "Lock.with": (lock) => lock.with(empty),
  "Lock.toString": (lock) => String(lock),
});
add(
  (loop): Hold => {
    const lock = new Lock();
    const hold = lock.acquire().next().value as unknown as Hold;
    waitedFor(lock, (each) => each.acquire())(loop);
    return hold;
  },
  {
    "Hold.release": (hold) => hold.release(),
    "Hold.[dispose]": (hold) => hold[Symbol.dispose](),
  },
);
add((loop) => waitedFor(new Event(), (event) => event.wait())(loop), {
  "Event.isSet": (event) => event.isSet(),
  "Event.set": (event) => event.set(),
  "Event.clear": (event) => event.clear(),
  "Event.wait": (event) => event.wait(),
  "Event.toString": (event) => String(event),
});

/** A condition that is held, and for which a task of the loop waits. */
function heldCondition(loop: VirtualEventLoop): Condition {
  const condition = waitedFor(new Condition(), (each) => each.with(() => each.wait()))(loop);
  condition.acquire().next();
  return condition;
}
add(heldCondition, {
  "Condition.constructor": () => new Condition(),
  "Condition.locked": (condition) => condition.locked(),
  "Condition.acquire": (condition) => condition.acquire(),
  "Condition.release": (condition) => condition.release(),
  "Condition.wait": (condition) => condition.wait(),
  "Condition.waitFor": (condition) => condition.waitFor(() => false),
  "Condition.notify": (condition) => condition.notify(),
  "Condition.notifyAll": (condition) => condition.notifyAll(),
  "Condition.aenter": (condition) => condition.aenter(),
  "Condition.aexit": (condition) => condition.aexit(),
  "Condition.with": (condition) => condition.with(empty),
  "Condition.toString": (condition) => String(condition),
});
add((loop) => waitedFor(new Semaphore(0), (each) => each.acquire())(loop), {
  "Semaphore.constructor": () => new Semaphore(),
  "Semaphore.locked": (semaphore) => semaphore.locked(),
  "Semaphore.acquire": (semaphore) => semaphore.acquire(),
  "Semaphore.release": (semaphore) => semaphore.release(),
  "Semaphore.aenter": (semaphore) => semaphore.aenter(),
  "Semaphore.aexit": (semaphore) => semaphore.aexit(),
  "Semaphore.with": (semaphore) => semaphore.with(empty),
  "Semaphore.toString": (semaphore) => String(semaphore),
});
add(() => new BoundedSemaphore(1), {
  "BoundedSemaphore.constructor": () => new BoundedSemaphore(),
  "BoundedSemaphore.release": (semaphore) => semaphore.release(),
});
add((loop) => waitedFor(new Barrier(3), (each) => each.wait())(loop), {
  "Barrier.constructor": () => new Barrier(1),
  "Barrier.parties": (barrier) => barrier.parties,
  "Barrier.nWaiting": (barrier) => barrier.nWaiting,
  "Barrier.broken": (barrier) => barrier.broken,
  "Barrier.wait": (barrier) => barrier.wait(),
  "Barrier.aenter": (barrier) => barrier.aenter(),
  "Barrier.aexit": (barrier) => barrier.aexit(),
  "Barrier.with": (barrier) => barrier.with(empty),
  "Barrier.reset": (barrier) => barrier.reset(),
  "Barrier.abort": (barrier) => barrier.abort(),
  "Barrier.toString": (barrier) => String(barrier),
});
/** A full queue into which a task of the loop puts, and another waits for the end. */
function fullQueue(loop: VirtualEventLoop): Queue<number> {
  const queue = new Queue<number>(1);
  queue.putNowait(1);
  return waitedFor(queue, (each) => each.put(2))(loop);
}
add(fullQueue, {
  "Queue.constructor": () => new Queue(),
  "LifoQueue.constructor": () => new LifoQueue(),
  "PriorityQueue.constructor": () => new PriorityQueue(),
  "Queue.maxsize": (queue) => queue.maxsize,
  "Queue.qsize": (queue) => queue.qsize(),
  "Queue.empty": (queue) => queue.empty(),
  "Queue.full": (queue) => queue.full(),
  "Queue.put": (queue) => queue.put(3),
  "Queue.putNowait": (queue) => queue.putNowait(3),
  "Queue.getNowait": (queue) => queue.getNowait(),
  "Queue.taskDone": (queue) => queue.taskDone(),
  "Queue.join": (queue) => queue.join(),
  "Queue.shutdown": (queue) => queue.shutdown(),
  "Queue.toString": (queue) => String(queue),
});
add((loop) => waitedFor(new Queue<number>(), (each) => each.get())(loop), {
  "Queue.get": (queue) => queue.get(),
});

const group = (): ExceptionGroup => new ExceptionGroup("m", [new RangeError("x")]);
add(group, {
  "ExceptionGroup.constructor": group,
  "ExceptionGroup.exceptions": (each) => each.exceptions,
  "ExceptionGroup.subgroup": (each) => each.subgroup(RangeError),
  "ExceptionGroup.split": (each) => each.split(RangeError),
  "ExceptionGroup.derive": (each) => each.derive([1]),
  "ExceptionGroup.toString": (each) => String(each),
});
add(() => new ContextVar<number>("n", { default: 1 }), {
  "ContextVar.constructor": () => new ContextVar("n"),
  "ContextVar.get": (variable) => variable.get(),
  "ContextVar.set": (variable) => variable.set(1),
  "ContextVar.reset": (variable) => variable.reset(variable.set(1)),
  "ContextVar.toString": (variable) => String(variable),
});
const VARIABLE = new ContextVar<number>("v");
add(() => new Context(), {
  "Context.run": (context) => context.run(nothing),
  "Context.copy": (context) => context.copy(),
  "Context.get": (context) => context.get(VARIABLE),
  "Context.has": (context) => context.has(VARIABLE),
  "Context.size": (context) => context.size,
  "Context.keys": (context) => [...context.keys()],
});
const history = (): History => new History(() => ({ add: (count: number) => count }));
add(history, {
  "History.constructor": history,
  "History.watch": (each) => each.watch({ add: (count: number) => count }).add(1),
  "History.calls": (each) => each.calls,
  "History.assertLinearizable": (each) => each.assertLinearizable(),
  "History.toString": (each) => String(each),
});
add((loop) => dumpTasks(loop), { "TaskDump.toString": (dump) => String(dump) });
add((loop) => captureCallGraph(awaited(loop)) as FutureCallGraph, {
  "FutureCallGraph.toString": (graph) => String(graph),
});
