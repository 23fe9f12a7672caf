// What the scripts share: running a program of the toolchain, and ending with an exit code and a plain message.

import { spawn } from "node:child_process";
import { delimiter, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");

process.env.PATH = resolve(root, "node_modules/.bin") + delimiter + process.env.PATH;

/** A failure that needs no stack: its message is all that there is to say. */
class Failure extends Error {}

export function exit(message) {
  throw new Failure(message);
}

/** Resolves when the program has ended with exit code 0. With `capture` its output is printed only if it fails. */
export function exec(program, args, { cwd = root, capture = false } = {}) {
  return new Promise((done, fail) => {
    const stdio = capture ? ["ignore", "pipe", "pipe"] : "inherit";
    // npm's program files are batch files on Windows, which only a shell can start.
    const child = spawn(program, args, { cwd, stdio, shell: process.platform === "win32" });
    const output = [];
    child.stdout?.on("data", (chunk) => output.push(chunk));
    child.stderr?.on("data", (chunk) => output.push(chunk));
    child.on("error", fail);
    child.on("close", (code, signal) => {
      if (code === 0) return done();
      process.stderr.write(Buffer.concat(output));
      fail(new Failure(`${program} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** True in the script that Node was started with, false where it is imported. */
export const isMain = (meta) => process.argv[1] === meta.filename;

export async function main(name, body) {
  try {
    await body();
  } catch (error) {
    console.error(`${name}: ${error instanceof Failure ? error.message : error.stack}`);
    process.exitCode = 1;
  }
}
