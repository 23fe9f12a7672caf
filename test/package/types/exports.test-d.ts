// The types that leave by the main door.

import { expectTypeOf, test } from "vitest";
import type {
  Aclosing,
  AsCompleted,
  AsyncClosable,
  AsyncContextManager,
  AsyncExit,
  Awaitable,
  CallArguments,
  CallGraphOptions,
  CallOptions,
  Context,
  Coroutine,
  CoroutineFunction,
  CoroutineIterator,
  Delay,
  DurationLike,
  ErrorCondition,
  EventLoop,
  ExceptionContext,
  ExceptionHandler,
  Future,
  GatherOptions,
  Host,
  HostEvents,
  Main,
  MoveOn,
  NullContext,
  PriorityQueueOptions,
  Result,
  ReturnWhen,
  RunOptions,
  RunnerOptions,
  StackFrame,
  TaskReport,
  Suspension,
  Task,
  TaskConstructor,
  TaskFactory,
  TaskOptions,
  WaitOptions,
} from "wasyncio";

test("every type is what it says", () => {
  expectTypeOf<Coroutine<number>>().toEqualTypeOf<Generator<Suspension, number, unknown>>();
  expectTypeOf<Awaitable<number>>().toEqualTypeOf<Coroutine<number> | Future<number> | PromiseLike<number>>();
  expectTypeOf<CoroutineFunction<[string], number>>().toEqualTypeOf<(name: string) => Coroutine<number>>();
  expectTypeOf<Delay>().toEqualTypeOf<number | DurationLike>();
  expectTypeOf<Result<Coroutine<1> | Future<2> | Promise<3>>>().toEqualTypeOf<1 | 2 | 3>();
  expectTypeOf<ReturnWhen>().toEqualTypeOf<"FIRST_COMPLETED" | "FIRST_EXCEPTION" | "ALL_COMPLETED">();
  expectTypeOf<CallArguments<[number]>>().toEqualTypeOf<[number] | [number, CallOptions]>();
  expectTypeOf<CallOptions["context"]>().toEqualTypeOf<Context>();
  expectTypeOf<Main<number>>().toEqualTypeOf<Awaitable<number> | (() => Awaitable<number>)>();
  expectTypeOf<TaskOptions["name"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<WaitOptions["timeout"]>().toEqualTypeOf<Delay | null | undefined>();
  expectTypeOf<GatherOptions["returnExceptions"]>().toEqualTypeOf<boolean | undefined>();
  expectTypeOf<RunnerOptions["loopFactory"]>().toEqualTypeOf<(() => EventLoop) | undefined>();
  expectTypeOf<CallGraphOptions["limit"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<ExceptionHandler>().toEqualTypeOf<(loop: EventLoop, context: ExceptionContext) => void>();
  expectTypeOf<AsCompleted<number>>().toExtend<Iterable<Coroutine<number>>>();
  expectTypeOf<AsCompleted<number>>().toExtend<CoroutineIterator<Future<number>>>();
  expectTypeOf<Task<number>>().toExtend<Future<number>>();
  expectTypeOf<TaskFactory>().toBeFunction();
  expectTypeOf<TaskConstructor>().toBeFunction();
  expectTypeOf<AsyncContextManager<number>["aenter"]>().returns.toEqualTypeOf<Coroutine<number>>();
  expectTypeOf<RunOptions["signal"]>().toEqualTypeOf<AbortSignal | undefined>();
  expectTypeOf<TaskOptions["signal"]>().toEqualTypeOf<AbortSignal | undefined>();
  expectTypeOf<MoveOn>().toExtend<AsyncContextManager<MoveOn, boolean>>();
  expectTypeOf<NullContext<number>>().toExtend<AsyncContextManager<number, void>>();
  expectTypeOf<AsyncGenerator<number>>().toExtend<AsyncClosable>();
  expectTypeOf<Aclosing<AsyncGenerator<number>>>().toExtend<AsyncContextManager<AsyncGenerator<number>, void>>();
  expectTypeOf<AsyncExit>().returns.toEqualTypeOf<Awaitable<unknown>>();
  expectTypeOf<Host["now"]>().returns.toEqualTypeOf<number>();
  expectTypeOf<HostEvents["turn"]>().returns.toEqualTypeOf<void>();
  expectTypeOf<TaskReport["state"]>().toEqualTypeOf<"running" | "ready" | "waiting" | "sleeping">();
  expectTypeOf<StackFrame["line"]>().toEqualTypeOf<number>();
  expectTypeOf<PriorityQueueOptions<number>>().toBeObject();
  expectTypeOf<typeof Error>().toExtend<ErrorCondition>();
});
