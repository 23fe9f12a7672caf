// Names on the prototypes that no program calls, with the reason: they are in no declaration, or for subclasses.

const INTERNAL = "marked @internal, and not in the declarations";
const PROTECTED = "for subclasses to override: nobody else calls it";
const MADE_BY = "made by the library: its constructor is marked @internal";

function because(reason: string, type: string, members: string): [string, string][] {
  return members.split(" ").map((member) => [`${type}.${member}`, reason]);
}

export const NOT_FOR_PROGRAMS: Readonly<Record<string, string>> = Object.fromEntries([
  ...because(INTERNAL, "EventLoop", "asyncIterators checkOpen failRun pendingTasks nextTaskSerial newCancelledError"),
  ...because(
    INTERNAL,
    "EventLoop",
    "captureOrigin noteSuspension noteSteps watchFailure watchForgotten checkRunnable prepareRun",
  ),
  ...because(INTERNAL, "EventLoop", "taskCount nextTaskNumber inTurn currentTask leaveCore"),
  ...because(INTERNAL, "VirtualEventLoop", "leaveCore"),
  ...because(INTERNAL, "Handle", "begin run"),
  ...because(
    INTERNAL,
    "Task",
    "awaited park sleep step closeIfUnused stack suspension failWait passesCancel breakCircle askToCancel endCancel leaves",
  ),
  ...because(PROTECTED, "Task", "follow endWith startEagerly leaveStart goOnWith"),
  ...because(INTERNAL, "Timeout", "leave expireNow enterAt"),
  ...because(
    INTERNAL,
    "Future",
    "isDone isCancelled outcome reveal failed isFailureUnseen takeError fail makeCancelledError lastCancelledError succeed endCancelled open",
  ),
  ...because(
    INTERNAL,
    "Future",
    "whenDone awaiters declareAwaiter retrieved waiters closeIfUnused listen watchFailure",
  ),
  ...because(INTERNAL, "Lock", "releaseHold outstanding holder"),
  ...because(INTERNAL, "Semaphore", "releaseHold outstanding"),
  ...because(INTERNAL, "Queue", "outstanding"),
  ...because(INTERNAL, "SSLContext", "_checkSide _secure _startTls _forHttp"),
  ...because(INTERNAL, "StreamReader", "_takeBuffered _replaceTransport receive feedReceived takeReceived abandonRead"),
  ...because(INTERNAL, "StreamReaderProtocol", "fed _isServerSide _takeBuffered _replaceTransport"),
  ...because(INTERNAL, "FlowControlMixin", "_isServerSide"),
  ...because(PROTECTED, "Handle", "call release describe details"),
  ...because(PROTECTED, "TimerHandle", "details"),
  ...because(PROTECTED, "Future", "details describeState describeCallbacks settle release"),
  ...because(PROTECTED, "Task", "details describeState release"),
  ...because(PROTECTED, "Semaphore", "value"),
  ...because(PROTECTED, "Queue", "_put _get"),
  ...because(PROTECTED, "FlowControlMixin", "_drainHelper _getCloseWaiter"),
  ...because(PROTECTED, "StreamReaderProtocol", "_getCloseWaiter"),
  ...[
    "Handle",
    "TimerHandle",
    "Hold",
    "Token",
    "FutureCallGraph",
    "TaskDump",
    "FrameCallGraphEntry",
    "NondeterminismError",
    "LinearizabilityError",
  ].flatMap((type) => because(MADE_BY, type, "constructor")),
  ...because("shows the frame that it has", "FrameCallGraphEntry", "toString"),
]);
