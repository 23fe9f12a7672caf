// Whole programs on Node, in processes of their own: exit code and output.

import { describe, expect, test } from "vitest";
import { runInNode } from "../../support/processes.ts";

const imports = `import { createTask, currentTask, run, Runner, sleep, wrapFuture, TaskGroup } from "wasyncio";\n`;

describe("a program on Node", () => {
  test("that ends lets its process end with code 0", async () => {
    const program = `
      const result = await run(function* () {
        console.log("hello");
        yield* sleep(0.001);
        return "world";
      });
      console.log(result);`;
    expect(await runInNode(imports + program)).toEqual({ end: 0, stdout: "hello\nworld\n", stderr: "" });
  });

  test("that fails ends it with code 1 and the error", async () => {
    const program = `
      await run(function* () {
        yield* sleep(0);
        throw new RangeError("the reason");
      });`;
    const { end, stdout, stderr } = await runInNode(imports + program);
    expect([end, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("RangeError: the reason");
  });

  test("that fails in debug mode shows who awaits whom, and no frame of the library", async () => {
    const program = `
      function* load() {
        yield* sleep(0);
        throw new RangeError("the reason");
      }
      function* main() {
        yield* createTask(load());
      }
      await run(main, { debug: true });`;
    const { stderr } = await runInNode(imports + program);
    const [, ...lines] = stderr.slice(stderr.indexOf("RangeError: the reason")).split("\n");
    expect(lines.slice(0, 3)).toEqual([
      expect.stringMatching(/^ {4}at load \(.*:\d+:\d+\)$/),
      expect.stringMatching(/^ {4}at async main \(.*:\d+:\d+\)$/),
      "",
    ]);
  });

  test("that asks in debug mode what its tasks do is told no place in the library", async () => {
    const program = `
      await run(function* main() {
        createTask(new Event().wait(), { name: "of the library" });
        yield* sleep(0);
        console.log(String(dumpTasks()));
        currentTask().getLoop().setDebug(false);
      }, { debug: true });`;
    const { stdout } = await runInNode(`import { Event, dumpTasks } from "wasyncio";\n${imports}${program}`);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^Task 'Task-1' .* is running at (?:Object\.)?main \(.*:\d+:\d+\)$/);
    expect(lines[1]).toMatch(/^Task 'of the library' \(made at .*\) is waiting for .* in Event\.wait$/);
    expect(stdout).not.toMatch(/dist/);
  });

  test("that fails with a group shows the errors in it", async () => {
    const program = `
      await run(() => new TaskGroup().with(function* (group) {
        group.createTask((function* () { throw new RangeError("first"); })());
        group.createTask((function* () { throw new TypeError("second"); })());
      }));`;
    const { end, stderr } = await runInNode(imports + program);
    expect(end).toBe(1);
    for (const text of ["unhandled errors in a TaskGroup", "RangeError: first", "TypeError: second"]) {
      expect(stderr).toContain(text);
    }
  });

  test("that leaves tasks behind cancels them, waits for their cleanup, and ends", async () => {
    const program = `
      function* left() {
        try { yield* sleep(3600); } finally { yield* sleep(0.001); console.log("cleaned up"); }
      }
      await run(function* () {
        createTask(left());
        yield* sleep(0);
        console.log("main ends");
      });
      console.log("over");`;
    const outcome = await runInNode(imports + program);
    expect(outcome).toEqual({ end: 0, stdout: "main ends\ncleaned up\nover\n", stderr: "" });
  });

  test("reports the error of a leftover task, and of one that nobody awaited", async () => {
    const program = `
      function* left() {
        try { yield* sleep(3600); } catch { throw new RangeError("in cleanup"); }
      }
      await run(function* () {
        createTask(left());
        createTask((function* () { throw new TypeError("unseen"); })(), { name: "unseen task" });
        yield* sleep(0);
      });`;
    const { end, stdout, stderr } = await runInNode(imports + program);
    expect([end, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("unhandled exception during run() shutdown");
    expect(stderr).toContain("RangeError: in cleanup");
    expect(stderr).toContain("Task exception was never retrieved");
    expect(stderr).toContain("TypeError: unseen");
  });

  test("that can never go on says which tasks wait", async () => {
    const program = `
      await run(function* () {
        currentTask().setName("the one that waits");
        yield* wrapFuture(new Promise(() => {}));
      });`;
    const { end, stderr } = await runInNode(imports + program);
    expect(end).toBe(1);
    expect(stderr).toContain("DeadlockError");
    expect(stderr).toContain("the one that waits");
  });

  test("that waits for the outside world is kept alive by that alone", async () => {
    const program = `
      const { promise, resolve } = { ...(() => { let resolve; const promise = new Promise((r) => (resolve = r)); return { promise, resolve }; })() };
      setTimeout(resolve, 20, "from outside");
      console.log(await run(() => wrapFuture(promise)));`;
    expect(await runInNode(imports + program)).toEqual({ end: 0, stdout: "from outside\n", stderr: "" });
  });

  test("keeps its process alive while it sleeps, and no longer", async () => {
    const program = `
      const runner = new Runner();
      await runner.run(() => sleep(0.02));
      console.log("slept"); // the runner is not closed: an idle loop keeps nothing alive`;
    expect(await runInNode(imports + program)).toEqual({ end: 0, stdout: "slept\n", stderr: "" });
  });

  test("is in debug mode when WASYNCIO_DEBUG says so", async () => {
    const program = `await run(function* () { sleep(1); console.log(currentTask().getLoop().getDebug()); });`;
    const debug = await runInNode(imports + program, { env: { WASYNCIO_DEBUG: "1" } });
    expect([debug.end, debug.stdout.split("\n")[0]]).toEqual([0, "true"]);
    expect(debug.stderr).toContain("coroutine 'sleep' was never awaited");
    const plain = await runInNode(imports + program, { env: { WASYNCIO_DEBUG: "" } });
    expect(plain).toEqual({ end: 0, stdout: "false\n", stderr: "" });
  });
});

describe.skipIf(process.platform === "win32")("Ctrl-C", () => {
  test("cancels the program, whose cleanup runs; run rejects with KeyboardInterrupt", async () => {
    const program = `
      try {
        await run(function* () {
          setTimeout(() => process.kill(process.pid, "SIGINT"), 5);
          try { yield* sleep(3600); } finally { yield* sleep(0.001); console.log("cleaned up"); }
        });
      } catch (error) {
        console.log(error.name);
      }`;
    expect(await runInNode(imports + program)).toEqual({
      end: 0,
      stdout: "cleaned up\nKeyboardInterrupt\n",
      stderr: "",
    });
  });

  test("lets a program that swallows the cancellation return", async () => {
    const program = `
      console.log(await run(function* () {
        setTimeout(() => process.kill(process.pid, "SIGINT"), 5);
        try { yield* sleep(3600); } catch { return "survived"; }
      }));`;
    expect(await runInNode(imports + program)).toEqual({ end: 0, stdout: "survived\n", stderr: "" });
  });

  test("a second time ends the process at once", async () => {
    const program = `
      await run(function* () {
        setTimeout(() => process.kill(process.pid, "SIGINT"), 5);
        try {
          yield* sleep(3600);
        } finally {
          console.log("first");
          setTimeout(() => process.kill(process.pid, "SIGINT"), 200); // later than an echo
          yield* sleep(3600);
        }
      });`;
    expect(await runInNode(imports + program)).toEqual({ end: "SIGINT", stdout: "first\n", stderr: "" });
  });

  test("after the program has ended is Node's own again", async () => {
    const program = `
      await run(() => sleep(0));
      setTimeout(() => console.log("not reached"), 1000);
      process.kill(process.pid, "SIGINT");`;
    expect((await runInNode(imports + program)).end).toBe("SIGINT");
  });
});
