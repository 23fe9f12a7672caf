// Call graphs: who awaits whom, and where. Mirrors asyncio's graph module.
//
// Who awaits whom is exact: it is read off the waiter lists. Where is known for the current task, and in debug mode for
// every task, whose logical stack is then taken each time it suspends.

import { Shown } from "../support/shown.ts";
import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { Future } from "../runtime/future.ts";
import { checkFunction, checkLimit, checkNames } from "../support/checks.ts";
import { runningLoop } from "../runtime/loop.ts";
import { type StackFrame, captureStack } from "../support/stack.ts";
import { Task } from "../runtime/task.ts";

/** A frame of a call stack. Mirrors asyncio.FrameCallGraphEntry. */
export class FrameCallGraphEntry {
  /** @internal */
  static readonly name: string = "FrameCallGraphEntry";
  /** Function, file, line and column. */
  readonly frame: StackFrame;

  /** @internal */
  constructor(frame: StackFrame) {
    this.frame = frame;
  }

  toString(): string {
    return this.frame.toString();
  }
}

/** A future or task, where it is, and what waits for it. Mirrors asyncio.FutureCallGraph. */
export class FutureCallGraph extends Shown {
  /** @internal */
  static override readonly name: string = "FutureCallGraph";
  readonly future: Future<unknown>;
  /** Frames of the task's coroutines, innermost first. */
  readonly callStack: readonly FrameCallGraphEntry[];
  readonly awaitedBy: readonly FutureCallGraph[];

  /** @internal */
  constructor(future: Future<unknown>, frames: readonly StackFrame[], awaitedBy: readonly FutureCallGraph[]) {
    super();
    this.future = future;
    this.callStack = frames.map((frame) => new FrameCallGraphEntry(frame));
    this.awaitedBy = awaitedBy;
  }

  override toString(): string {
    return render(this, 0, new Set()).join("\n");
  }
}

/** Options of the call graph functions. */
export interface CallGraphOptions {
  /**
   * Most frames of each stack: a positive number keeps the innermost, a negative one the outermost, 0 none. Default:
   * all.
   */
  limit?: number;
}

/**
 * The call graph of a future or task. Mirrors asyncio.capture_call_graph.
 * @param future default: the current task
 * @returns null in a plain callback
 * @throws TypeError for what is not a future
 * @throws RuntimeError when none is given and no loop runs
 */
export function captureCallGraph(
  future?: Future<unknown> | null,
  options: CallGraphOptions = {},
): FutureCallGraph | null {
  const limit = checkLimit(checkNames(options, ["limit"]).limit);
  if (future === undefined || future === null) {
    const loop = runningLoop();
    if (loop === null)
      throw new RuntimeError(
        "captureCallGraph() is called outside of a running event loop and no *future* to introspect was provided",
      );
    return loop.currentTask === null ? null : graphOf(loop.currentTask, limit, new Map());
  }
  checkFuture(future);
  return graphOf(future, limit, new Map());
}

/**
 * The call graph as text, "" where there is none. Mirrors asyncio.format_call_graph.
 * @param future default: the current task
 * @throws TypeError for what is not a future
 * @throws RuntimeError when none is given and no loop runs
 */
export function formatCallGraph(future?: Future<unknown> | null, options: CallGraphOptions = {}): string {
  return captureCallGraph(future, options)?.toString() ?? "";
}

/**
 * Prints the call graph to the console. Mirrors asyncio.print_call_graph.
 * @param future default: the current task
 * @param options.write called with the text instead
 * @throws TypeError for what is not a future
 * @throws RuntimeError when none is given and no loop runs
 */
export function printCallGraph(
  future?: Future<unknown> | null,
  options: CallGraphOptions & { write?: (text: string) => void } = {},
): void {
  const { write, ...rest } = checkNames(options, ["limit", "write"]);
  checkFunction(write ?? ((text: string) => console.log(text)), "write")(formatCallGraph(future, rest));
}

/**
 * Declares that `waiter` waits for `future`, for primitives of the program's own. Mirrors
 * asyncio.future_add_to_awaited_by.
 * @throws TypeError when one of them is not a future
 */
export function futureAddToAwaitedBy(future: Future<unknown>, waiter: Future<unknown>): void {
  checkFuture(future);
  checkFuture(waiter);
  future.declareAwaiter(waiter, true);
}

/**
 * Takes back what `futureAddToAwaitedBy` has declared. Mirrors asyncio.future_discard_from_awaited_by.
 * @throws TypeError when one of them is not a future
 */
export function futureDiscardFromAwaitedBy(future: Future<unknown>, waiter: Future<unknown>): void {
  checkFuture(future);
  checkFuture(waiter);
  future.declareAwaiter(waiter, false);
}

function checkFuture(value: unknown): asserts value is Future<unknown> {
  if (!(value instanceof Future))
    throw new TypeError(`${format(value)} object does not appear to be compatible with Future`);
}

/**
 * `graphs` has what was met: each is graphed once, and may stand in several places, or there would be a copy for each
 * way to it. Null stands for one that the graph has come through: a deadlock waits in a circle.
 */
function graphOf(
  future: Future<unknown>,
  limit: number | undefined,
  graphs: Map<Future<unknown>, FutureCallGraph | null>,
): FutureCallGraph {
  graphs.set(future, null);
  const awaitedBy = future
    .awaiters()
    .filter((awaiter) => graphs.get(awaiter) !== null)
    .map((awaiter) => graphs.get(awaiter) ?? graphOf(awaiter, limit, graphs));
  const graph = new FutureCallGraph(future, limited(framesOf(future), limit), awaitedBy);
  graphs.set(future, graph);
  return graph;
}

function framesOf(future: Future<unknown>): readonly StackFrame[] {
  if (!(future instanceof Task)) return [];
  return future === runningLoop()?.currentTask ? captureStack().filter(isOfProgram) : (future.stack ?? []);
}

/** Whether a frame is not one of this file's. */
function isOfProgram(frame: StackFrame): boolean {
  return !/^(?:graphOf|framesOf|captureCallGraph|formatCallGraph|printCallGraph)$/.test(frame.name);
}

function limited(frames: readonly StackFrame[], limit: number | undefined): readonly StackFrame[] {
  if (limit === undefined) return frames;
  if (limit === 0) return [];
  return limit > 0 ? frames.slice(0, limit) : frames.slice(limit);
}

/** `shown` has what stands above: of what is awaited by others, that is not said again. */
function render(graph: FutureCallGraph, level: number, shown: Set<FutureCallGraph>): string[] {
  const indent = "    ".repeat(level);
  const { future } = graph;
  const title = `${indent}* ${future instanceof Task ? `Task(name='${future.getName()}')` : "Future()"}`;
  if (shown.has(graph) && graph.awaitedBy.length > 0) return [`${title} (shown above)`];
  shown.add(graph);
  const lines = [title];
  if (graph.callStack.length > 0) lines.push(`${indent}  + Call stack:`);
  for (const entry of graph.callStack) lines.push(`${indent}  |   ${entry.toString()}`);
  if (graph.awaitedBy.length > 0) lines.push(`${indent}  + Awaited by:`);
  for (const parent of graph.awaitedBy) lines.push(...render(parent, level + 1, shown));
  return lines;
}
