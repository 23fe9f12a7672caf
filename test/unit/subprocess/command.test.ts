// Bad input is refused at the call, by what is wrong with it. No process is started.

import { describe, expect, test } from "vitest";
import { NotAvailableError, run } from "wasyncio";
import { runSync } from "wasyncio/testing";
import {
  PIPE,
  type ProcessOptions,
  Process,
  STDOUT,
  SubprocessProtocol,
  SubprocessStreamProtocol,
  createSubprocessExec,
  createSubprocessShell,
  subprocessExec,
  subprocessShell,
} from "wasyncio/subprocess";

const protocol = (): SubprocessProtocol => new SubprocessProtocol();

/** The four calls with some options. */
const CALLS: readonly ((options: ProcessOptions) => unknown)[] = [
  (options) => createSubprocessExec("true", [], options),
  (options) => createSubprocessShell("true", options),
  (options) => subprocessExec(protocol, "true", [], options),
  (options) => subprocessShell(protocol, "true", options),
];

/** What a call throws, where a loop runs. */
const thrown = (call: () => unknown): Promise<unknown> =>
  run(function* () {
    try {
      call();
    } catch (error) {
      return error;
    }
    return "nothing";
  });

describe("options", () => {
  test.each<[unknown, new (...args: never) => Error, string]>([
    [null, TypeError, "Invalid options: expected an object, got null"],
    [{ unheardOf: 1 }, TypeError, "there is no 'unheardOf', only stdin, stdout, stderr, cwd, env, executable"],
    [{ stdin: "pipe" }, TypeError, "Invalid stdin: expected PIPE, DEVNULL, a descriptor or null, got 'pipe'"],
    [{ stdin: STDOUT }, RangeError, "Invalid stdin: expected PIPE, DEVNULL, a descriptor or null, got -2"],
    [{ stdout: 1.5 }, TypeError, "Invalid stdout"],
    [{ stdout: -7 }, RangeError, "Invalid stdout"],
    [{ stderr: {} }, TypeError, "Invalid stderr"],
    [{ cwd: "" }, TypeError, "Invalid cwd: expected a path or a name, got ''"],
    [{ cwd: "a\0b" }, TypeError, "Invalid cwd"],
    [{ env: "A=1" }, TypeError, "Invalid env: expected an object, got 'A=1'"],
    [{ env: { A: 1 } }, TypeError, "Invalid env, A: expected a text, got 1"],
    [{ env: { A: "\0" } }, TypeError, "Invalid env, A"],
    [{ env: { "A=B": "1" } }, TypeError, "Invalid env: 'A=B' is no name of a variable"],
    [{ executable: 1 }, TypeError, "Invalid executable: expected a path or a name, got 1"],
    [{ startNewSession: 1 }, TypeError, "Invalid startNewSession: expected a boolean, got 1"],
    [{ text: true }, RangeError, "text must be false"],
    [{ universalNewlines: true }, RangeError, "universalNewlines must be false"],
    [{ encoding: "utf8" }, RangeError, "encoding must be null"],
    [{ errors: "strict" }, RangeError, "errors must be null"],
    [{ bufsize: -1 }, RangeError, "bufsize must be 0"],
    [{ preexecFn: () => {} }, NotAvailableError, "Cannot use preexecFn: no host lets a process be started with it"],
    [{ passFds: [3] }, NotAvailableError, "Cannot use passFds"],
    [{ user: 0 }, NotAvailableError, "Cannot use user"],
  ])("%o", async (options, type, message) => {
    for (const call of CALLS) {
      const error = await thrown(() => call(options as never));
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toContain(message);
    }
  });

  test("that can have one value only may say it", async () => {
    const fixed = { text: false, bufsize: 0, encoding: null } as object;
    for (const call of CALLS) expect(await thrown(() => call(fixed))).toBe("nothing");
    expect(await thrown(() => createSubprocessExec("a", [], { shell: false } as object))).toBe("nothing");
    expect(await thrown(() => createSubprocessShell("a", { shell: false } as object))).toBeInstanceOf(RangeError);
    expect(await thrown(() => createSubprocessExec("a", [], { shell: true } as object))).toBeInstanceOf(RangeError);
  });

  test("limit is of those that give streams", async () => {
    const [exec, shell, ...protocols] = CALLS;
    for (const call of [exec, shell]) {
      expect(await thrown(() => call({ limit: 0 }))).toBeInstanceOf(RangeError);
      expect(await thrown(() => call({ limit: 1.5 }))).toBeInstanceOf(TypeError);
    }
    for (const call of protocols) expect(await thrown(() => call({ limit: 1 }))).toBeInstanceOf(TypeError);
  });
});

test.each<[name: string, call: () => unknown, type: new (...args: never) => Error, message: string]>([
  ["no program", () => createSubprocessExec(undefined as never), TypeError, "Invalid program"],
  ["an empty program", () => createSubprocessExec(""), TypeError, "Invalid program: expected a path or a name, got ''"],
  ["a program with NUL", () => createSubprocessExec("a\0b"), TypeError, "Invalid program"],
  [
    "arguments behind each other",
    () => createSubprocessExec("ls", "-l" as never),
    TypeError,
    "expected a list of texts",
  ],
  ["an argument that is no text", () => createSubprocessExec("ls", [1 as never]), TypeError, "Invalid args"],
  ["an argument with NUL", () => createSubprocessExec("ls", ["\0"]), TypeError, "Invalid args"],
  ["a command that is no text", () => createSubprocessShell(5 as never), RangeError, "cmd must be a string"],
  ["a command with NUL", () => createSubprocessShell("\0"), TypeError, "Invalid cmd"],
  ["no factory", () => subprocessExec(null as never, "true"), TypeError, "Invalid protocolFactory"],
  ["no factory for a command", () => subprocessShell({} as never, "true"), TypeError, "Invalid protocolFactory"],
  ["no loop for a protocol", () => new SubprocessStreamProtocol(1, {} as never), TypeError, "Invalid loop"],
])("%s", async (_, call, type, message) => {
  const error = await thrown(call);
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toContain(message);
});

test("input is checked when it is given", () =>
  run(function* () {
    const silent = yield* createSubprocessExec("true");
    expect(() => silent.communicate(new Uint8Array(1))).toThrow("Cannot send input: the process was not started with");
    const talking = yield* createSubprocessExec("cat", [], { stdin: PIPE });
    expect(() => talking.communicate("text" as never)).toThrow(TypeError);
    expect(talking).toBeInstanceOf(Process);
    yield* talking.communicate();
    yield* silent.wait();
  }));

test("outside of a loop there is nobody to tell, and in virtual time nothing to wait for", () => {
  for (const call of CALLS) {
    expect(() => call({})).toThrow("no running event loop");
    expect(() =>
      runSync(function* () {
        call({});
      }),
    ).toThrow("Cannot use processes in virtual time");
  }
});
