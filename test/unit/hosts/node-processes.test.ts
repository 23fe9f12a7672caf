// Processes by node:child_process: what the host says of a child, and what it leaves to us.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { NotAvailableError } from "wasyncio";
import type { Child, Command } from "../../../src/drivers/processes.ts";
import type { Fault } from "../../../src/errors/os.ts";
import { nodeProcesses } from "../../../src/hosts/parts/node-processes.ts";
import { findProgram } from "../../../src/hosts/parts/shared-pipe.ts";
import { text } from "../../support/bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "node-processes-"));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of ["first", "second", "folder/inner"]) mkdirSync(join(folder, name), { recursive: true });
writeFileSync(join(folder, "first/program"), "#!/bin/sh\necho first\n");
writeFileSync(join(folder, "second/program"), "#!/bin/sh\necho second\n");
chmodSync(join(folder, "second/program"), 0o755);

const SILENT: Command = {
  file: "true",
  argv: ["true"],
  stdin: "nothing",
  stdout: "nothing",
  stderr: "nothing",
  cwd: null,
  env: null,
  newSession: false,
};

/** A child, or why there is none. */
function spawn(command: Partial<Command>): Promise<Child | { fault: Fault; path: string }> {
  return new Promise((resolve) => {
    const failed = (fault: Fault, path: string): void => resolve({ fault, path });
    nodeProcesses().spawn({ ...SILENT, ...command }, { spawned: resolve, failed });
  });
}

async function ended(command: Partial<Command>): Promise<[returncode: number, output: string]> {
  const child = (await spawn({ ...command, stdout: "pipe" })) as Child;
  let output = "";
  const exit = new Promise<number>((resolve) => child.start(resolve));
  await new Promise<void>((resolve) => {
    child.stdout?.end.start({ data: (bytes) => void (output += text(bytes)), ended: resolve, closed: () => resolve() });
    child.stdout?.end.resume();
  });
  return [await exit, output];
}

test("a child that has ended before anybody reads keeps what it has written", async () => {
  const child = (await spawn({ file: "echo", argv: ["echo", "x".repeat(1000)], stdout: "pipe" })) as Child;
  await new Promise<number>((resolve) => child.start(resolve));
  await new Promise((resolve) => void setTimeout(resolve, 50));
  const output = await new Promise<number>((resolve) => {
    child.stdout?.end.start({
      data: ({ length }) => resolve(length),
      ended: () => resolve(0),
      closed: () => resolve(0),
    });
    child.stdout?.end.resume();
  });
  expect(output).toBe(1001);
});

test("tells by which file or folder a start fails", async () => {
  const none = join(folder, "none");
  const file = join(folder, "first/program");
  expect(await spawn({ file: none, argv: [none] })).toMatchObject({ fault: { code: "ENOENT" }, path: none });
  expect(await spawn({ file, argv: [file] })).toMatchObject({ fault: { code: "EACCES" }, path: file });
  expect(await spawn({ cwd: none })).toMatchObject({ fault: { code: "ENOENT", syscall: "chdir" }, path: none });
  expect(await spawn({ cwd: file })).toMatchObject({ fault: { code: "ENOTDIR", syscall: "chdir" }, path: file });
  expect(await spawn({ file: none, argv: [none], cwd: folder })).toMatchObject({ path: none });
});

test("an attempt that is given up tells nothing", async () => {
  const told: unknown[] = [];
  const note = (event: unknown): void => void told.push(event);
  nodeProcesses().spawn({ ...SILENT, file: "/no/such", argv: ["/no/such"] }, { spawned: note, failed: note })();
  await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(told).toEqual([]);
});

test("a signal to a child that has ended does nothing", async () => {
  const child = (await spawn({})) as Child;
  expect(child.kill(0)).toBe(null);
  await new Promise<number>((resolve) => child.start(resolve));
  expect(child.kill(15)).toBe(null);
});

test("a program is looked for as the system does", () => {
  const find = (file: string, PATH?: string): string | undefined =>
    findProgram({ ...SILENT, file, cwd: folder, env: PATH === undefined ? {} : { PATH } })?.code;
  expect(find("sh")).toBe(undefined); // where nothing is said, in the system's own folders
  expect(find("program", `${folder}/first:${folder}/second`)).toBe(undefined);
  expect(find("program", `${folder}/none:${folder}/first`)).toBe("EACCES");
  expect(find("program", `${folder}/none`)).toBe("ENOENT");
  expect(find("inner", `${folder}/folder`)).toBe("EACCES");
  expect(find("program", "second")).toBe(undefined); // from the folder that it runs in
  expect(find("second/program")).toBe(undefined);
  expect(find("./first/program")).toBe("EACCES");
  expect(find("first/program/x")).toBe("ENOTDIR");
  expect(findProgram({ ...SILENT, file: "sh" })).toBe(null);
});

test("standard error goes into the pipe of standard output, in the order of writing", async () => {
  const script = "echo one; echo two >&2; echo three; exit 3";
  const command = { file: "/bin/sh", argv: ["/bin/sh", "-c", script], stderr: "stdout" } as const;
  expect(await ended(command)).toEqual([3, "one\ntwo\nthree\n"]);
  const words = ["printf", "<%s>", "", " $x ", "'\"*"];
  expect(await ended({ file: "printf", argv: words, stderr: "stdout" })).toEqual([0, "<>< $x ><'\"*>"]);
  const renamed = { ...SILENT, argv: ["other"], stdout: "pipe", stderr: "stdout" } as const;
  expect(() => nodeProcesses().spawn(renamed, {} as never)).toThrow(NotAvailableError);
});
