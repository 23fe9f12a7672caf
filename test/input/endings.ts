// How calls end outside any loop, in a task of another loop, and when their loop is closed: "ok" where nothing is said.

export interface Endings {
  readonly outside: string;
  readonly elsewhere: string;
  readonly closed: string;
}

const OK: Endings = { outside: "ok", elsewhere: "ok", closed: "ok" };

const everywhere = (error: string): Endings => ({ outside: error, elsewhere: error, closed: error });

/** What needs a loop that runs, or at least one that was chosen. */
const noLoop = (error: string): Endings => ({ ...OK, outside: error, closed: error });
const NEEDS_RUNNING = noLoop("RuntimeError('no running event loop')");
const NEEDS_CURRENT = noLoop("RuntimeError('There is no current event loop')");
const NEEDS_TASK = noLoop(
  "RuntimeError('captureCallGraph() is called outside of a running event loop and no *future* to introspect was provided')",
);
/** What has to wait, on something for which a task of its own loop waits. */
const WAITS: Endings = {
  ...NEEDS_RUNNING,
  elsewhere: "RuntimeError('<...> is bound to a different event loop')",
};

const CLOSED = "RuntimeError('Event loop is closed')";
const NEEDS_OPEN: Endings = { ...OK, closed: CLOSED };
const unavailable = (name: string): Endings =>
  everywhere(`NotAvailableError('Cannot use ${name}: no signal comes in virtual time')`);
const RUNS: Endings = {
  ...NEEDS_OPEN,
  elsewhere: "RuntimeError('Cannot run the event loop while another loop is running')",
};

/** What awaits a future of its loop. */
const AWAITS: Endings = {
  ...OK,
  elsewhere: "RuntimeError('Task <...> got Future <...> attached to a different loop')",
};

/** What needs the outside, of which there is none in virtual time. */
const needsOutside = (error: string): Endings => ({ ...NEEDS_RUNNING, elsewhere: `RuntimeError('${error}')` });
const NEEDS_NETWORK = needsOutside("Cannot use the network in virtual time");

/** What every transport has, and only those that move bytes can do. */
const NOT_IMPLEMENTED = [
  ...["isClosing", "close", "setProtocol", "getProtocol"].map((name) => `BaseTransport.${name}`),
  ...["isReading", "pauseReading", "resumeReading"].flatMap((name) => [`ReadTransport.${name}`, `Transport.${name}`]),
  ...["setWriteBufferLimits", "getWriteBufferSize", "getWriteBufferLimits", "write", "writelines"].map(
    (name) => `WriteTransport.${name}`,
  ),
  ...["writeEof", "canWriteEof", "abort"].map((name) => `WriteTransport.${name}`),
  ...["sendto", "abort"].map((name) => `DatagramTransport.${name}`),
];

const groups: readonly (readonly [Endings, readonly string[]])[] = [
  [
    NEEDS_RUNNING,
    ["createTask", "sleep", "currentTask", "allTasks", "dumpTasks", "wait", "waitFor", "timeout", "withAsync"],
  ],
  [NEEDS_RUNNING, ["moveOnAfter", "moveOnAt", "shielded", "race", "AsyncExitStack.enterAsyncContext"]],
  [
    NEEDS_RUNNING,
    [
      "forEach",
      "getRunningLoop",
      ...["aenter", "enter", "with"].flatMap((name) => [`Timeout.${name}`, `TaskGroup.${name}`]),
    ],
  ],
  // The lock of a condition has a loop of its own, and nobody has waited for that.
  [NEEDS_RUNNING, ["Condition.acquire", "Condition.aenter", "Condition.with"]],
  [NEEDS_CURRENT, ["ensureFuture", "gather", "shield", "asCompleted", "wrapFuture", "abortable", "getEventLoop"]],
  [NEEDS_CURRENT, ["Future.constructor", "Task.constructor"]],
  [NEEDS_TASK, ["captureCallGraph", "formatCallGraph", "printCallGraph"]],
  [WAITS, ["Lock.acquire", "Lock.aenter", "Lock.with", "Event.wait", "Condition.wait", "Condition.waitFor"]],
  [
    WAITS,
    ["Semaphore.acquire", "Semaphore.aenter", "Semaphore.with", "Barrier.wait", "Barrier.aenter", "Barrier.with"],
  ],
  [WAITS, ["Queue.put", "Queue.get", "Queue.join"]],
  [NEEDS_CURRENT, ["StreamReader.constructor", "FlowControlMixin.constructor", "StreamReaderProtocol.constructor"]],
  [NEEDS_RUNNING, ["staggeredRace", "eventually"]],
  [NEEDS_OPEN, ["StreamReader.feedData", "StreamReader.feedEof", "StreamReader.setException"]],
  [NEEDS_OPEN, ["FlowControlMixin.resumeWriting", "FlowControlMixin.connectionLost"]],
  [
    NEEDS_OPEN,
    ["connectionMade", "connectionLost", "dataReceived", "eofReceived"].map((name) => `StreamReaderProtocol.${name}`),
  ],
  [WAITS, ["read", "readexactly", "readuntil", "readline", "anext"].map((name) => `StreamReader.${name}`)],
  [AWAITS, ["StreamWriter.drain", "StreamWriter.waitClosed"]],
  [everywhere("NotImplementedError()"), NOT_IMPLEMENTED],
  [NEEDS_NETWORK, ["createDatagramEndpoint", "connectReadPipe", "connectWritePipe"]],
  [needsOutside("Cannot use streams of the host in virtual time"), ["openStream"]],
  [needsOutside("sendfile is not supported for transport <...>"), ["sendfile"]],
  [NEEDS_OPEN, ["eagerTaskFactory", "createEagerTaskFactory", "EventLoop.createTask", "EventLoop.callSoon"]],
  [NEEDS_OPEN, ["EventLoop.callSoonThreadsafe", "EventLoop.callLater", "EventLoop.callAt"]],
  [{ ...unavailable("addSignalHandler"), closed: CLOSED }, ["EventLoop.addSignalHandler"]],
  [unavailable("removeSignalHandler"), ["EventLoop.removeSignalHandler"]],
  [NEEDS_OPEN, ["Future.setResult", "Future.setException", "Future.cancel"]],
  [RUNS, ["EventLoop.runUntilComplete", "EventLoop.runForever", "VirtualEventLoop.runUntilCompleteSync"]],
  [RUNS, ["VirtualEventLoop.runForever", "VirtualEventLoop.runForeverSync"]],
  [
    { ...OK, elsewhere: "RuntimeError('Cannot simulate inside a running event loop')" },
    ["simulate", "explore", "sweep"],
  ],
  [{ ...OK, elsewhere: "RuntimeError('runSync() cannot be called from a running event loop')" }, ["runSync"]],
  [{ ...OK, elsewhere: "RuntimeError('run() cannot be called from a running event loop')" }, ["run"]],
  [
    { ...NEEDS_OPEN, elsewhere: "RuntimeError('Runner.run() cannot be called from a running event loop')" },
    ["Runner.run"],
  ],
  [everywhere("InvalidStateError('Result is not set.')"), ["Future.result"]],
  [everywhere("InvalidStateError('Exception is not set.')"), ["Future.exception"]],
  [AWAITS, ["Future.[iterator]"]],
  [everywhere("RuntimeError('Task does not support setResult operation')"), ["Task.setResult"]],
  [everywhere("RuntimeError('Task does not support setException operation')"), ["Task.setException"]],
  [
    everywhere("RuntimeError('Timeout has not been entered')"),
    ["reschedule", "aexit", "fail", "exit"].map((name) => `Timeout.${name}`),
  ],
  [
    everywhere("RuntimeError('TaskGroup <...> has not been entered')"),
    ["aexit", "fail", "exit", "createTask"].map((name) => `TaskGroup.${name}`),
  ],
  [everywhere("RangeError('BoundedSemaphore released too many times')"), ["BoundedSemaphore.release"]],
  [everywhere("QueueFull()"), ["Queue.putNowait"]],
];

export const endings = new Map(groups.flatMap(([ends, names]) => names.map((name) => [name, ends] as const)));

export function endingsOf(name: string): Endings {
  return endings.get(name) ?? OK;
}
