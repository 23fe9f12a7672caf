// What is done with a child, step by step: the same here and in CPython.
//
// Whatever decides an order is a step: a child goes on when it is written to, and is waited for by what it writes.

/** A standard stream, by the name of the constant. */
type StreamName = "PIPE" | "STDOUT" | "DEVNULL";

/** How a child is started: a program, or a command of the shell's. */
export type Start = ({ readonly program: string; readonly args: readonly string[] } | { readonly cmd: string }) & {
  readonly stdin?: StreamName | null;
  readonly stdout?: StreamName | null;
  readonly stderr?: StreamName | null;
  readonly cwd?: string;
  /** Beside that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly executable?: string;
  readonly startNewSession?: boolean;
};

export interface Scenario {
  readonly over: "protocol" | "streams";
  readonly start: Start;
  /** Each is the name of a step of python/scenario.py, with its arguments. */
  readonly steps: readonly (readonly [name: string, ...args: unknown[]])[];
}

const IN_OUT = { stdin: "PIPE", stdout: "PIPE" } as const;
const OUT = { stdout: "PIPE" } as const;
const QUIET = { stdin: "DEVNULL", stdout: "DEVNULL", stderr: "DEVNULL" } as const;
const cat = { program: "cat", args: [] } as const;
const over = (over: Scenario["over"], start: Start, ...steps: Scenario["steps"]): Scenario => ({ over, start, steps });

export const scenarios: Readonly<Record<string, Scenario>> = {
  "protocol: all pipes of a child that ends": over("protocol", { program: "true", args: [] }, ["until", "lost", null]),
  "protocol: what it writes comes before its pipe is closed": over(
    "protocol",
    { cmd: "echo out; echo err >&2; exit 3" },
    ["until", "lost", null],
    ["returncode"],
  ),
  "protocol: an echo, and the end of its input": over(
    "protocol",
    cat,
    ["write", "one"],
    ["until_data", 1, "one"],
    ["write", "two"],
    ["until_data", 1, "two"],
    ["eof"],
    ["until", "lost", null],
  ),
  "protocol: without pipes there is the end alone": over(
    "protocol",
    { program: "true", args: [], stdin: null, stdout: null, stderr: null },
    ["until", "lost", null],
  ),
  "protocol: its output may be closed while it runs": over(
    "protocol",
    { cmd: "exec 1>&- 2>&-; read line; exit 5" },
    ["until", "closed", 1, null],
    ["until", "closed", 2, null],
    ["returncode"],
    ["write", "go\n"],
    ["until", "lost", null],
  ),
  "protocol: the pipe of a grandchild is open longer than the child lives": over(
    "protocol",
    { cmd: "sleep 0.3 & exit 6", stdin: null, stderr: null },
    ["until", "exited", 6],
    ["returncode"],
    ["until", "lost", null],
  ),
  "protocol: killed": over("protocol", cat, ["kill"], ["until", "lost", null], ["kill"], ["returncode"]),
  "protocol: terminated": over("protocol", cat, ["terminate"], ["until", "lost", null], ["terminate"]),
  "protocol: a signal that it does not catch": over("protocol", cat, ["signal", 10], ["until", "lost", null]),
  "protocol: a signal that it catches": over(
    "protocol",
    { cmd: 'trap "echo caught; exit 4" USR1; echo ready; while :; do sleep 0.01; done', stdin: null, stderr: null },
    ["until_data", 1, "ready"],
    ["signal", 10],
    ["until", "lost", null],
  ),
  "protocol: closing the transport kills": over("protocol", cat, ["close"], ["close"], ["until", "lost", null]),
  "protocol: closing it after the end does nothing": over(
    "protocol",
    { program: "true", args: [] },
    ["until", "lost", null],
    ["close"],
  ),
  "protocol: a pipe that is closed here": over(
    "protocol",
    { cmd: "read line; echo $line; exit 0", stderr: null },
    ["close_pipe", 1],
    ["until", "closed", 1, null],
    ["write", "x\n"],
    ["until", "lost", null],
    ["returncode"],
  ),
  "protocol: paused, nothing is told until it goes on": over(
    "protocol",
    { cmd: "echo one; read line; echo two; read line", stderr: null },
    ["until_data", 1, "one"],
    ["pause", 1],
    ["write", "x\n"],
    ["returncode"],
    ["resume", 1],
    ["until_data", 1, "two"],
    ["write", "x\n"],
    ["until", "lost", null],
  ),
  "protocol: writing pauses, and goes on when it is read": over(
    "protocol",
    { cmd: "head -c 1000000 > /dev/null; echo done", stderr: null },
    ["write", "x", 1_000_000],
    ["until_data", 1, "done"],
    ["until", "lost", null],
  ),
  "protocol: what it does not read breaks its pipe": over(
    "protocol",
    { cmd: "read line; exit 0", stdout: null, stderr: null },
    ["write", "x\n", 500_000],
    ["until", "lost", null],
  ),

  "streams: communicate": over("streams", { ...cat, ...IN_OUT }, ["returncode"], ["communicate", "in"], ["streams"]),
  "streams: communicate with much": over("streams", { ...cat, ...IN_OUT }, ["communicate", "0123456789", 100_000]),
  "streams: communicate with both outputs": over(
    "streams",
    { cmd: "cat; echo err >&2; exit 7", ...IN_OUT, stderr: "PIPE" },
    ["communicate", "in"],
  ),
  "streams: communicate without input": over("streams", { cmd: "echo out", ...OUT }, ["communicate"]),
  "streams: communicate with who reads nothing": over("streams", { program: "true", args: [], ...IN_OUT }, [
    "communicate",
    "x",
    1_000_000,
  ]),
  "streams: communicate twice": over("streams", { cmd: "echo out", ...OUT }, ["communicate"], ["communicate"]),
  "streams: errors go where output goes": over(
    "streams",
    { cmd: "echo one; echo two >&2; echo three", stdout: "PIPE", stderr: "STDOUT" },
    ["communicate"],
  ),
  "streams: of a program whose errors go where output goes": over(
    "streams",
    { program: "ls", args: ["/no such", "-d"], stdout: "PIPE", stderr: "STDOUT", env: { LC_ALL: "C" } },
    ["communicate"],
  ),
  "streams: errors go to nothing, as output does": over(
    "streams",
    { cmd: "echo one; echo two >&2", stdout: "DEVNULL", stderr: "STDOUT" },
    ["communicate"],
  ),
  "streams: an input of nothing": over("streams", { ...cat, ...OUT, stdin: "DEVNULL" }, ["communicate"]),
  "streams: which of them there are": over(
    "streams",
    { ...cat, stdin: "PIPE", stderr: "PIPE" },
    ["streams"],
    ["kill"],
    ["wait"],
  ),
  "streams: line by line": over(
    "streams",
    { ...cat, ...IN_OUT },
    ["write", "one\n"],
    ["drain"],
    ["readline", "stdout"],
    ["write", "two\nthree"],
    ["readline", "stdout"],
    ["close_stdin"],
    ["readline", "stdout"],
    ["readline", "stdout"],
    ["wait"],
  ),
  "streams: much is read while little is kept": over(
    "streams",
    { program: "head", args: ["-c", "5000000", "/dev/zero"], ...OUT },
    ["count", "stdout"],
    ["wait"],
  ),
  "streams: writing to who is gone": over(
    "streams",
    { program: "true", args: [], stdin: "PIPE" },
    ["wait"],
    ["released"],
    ["write", "x"],
    ["drain"],
    ["close_stdin"],
  ),
  "streams: several wait": over("streams", { cmd: "exit 9" }, ["waits"], ["wait"]),
  "streams: a wait is cancelled, and the process goes on": over(
    "streams",
    { ...cat, ...IN_OUT },
    ["wait_cancelled"],
    ["communicate", "still there"],
  ),
  "streams: communicate is cancelled, and the process goes on": over(
    "streams",
    { cmd: "read line; echo $line; exec sleep 100", ...IN_OUT },
    ["communicate_cancelled"],
    ["returncode"],
    ["kill"],
    ["wait"],
  ),
  "streams: killed": over("streams", { program: "sleep", args: ["100"] }, ["kill"], ["wait"], ["released"], ["kill"]),
  "streams: terminated": over("streams", { program: "sleep", args: ["100"] }, ["terminate"], ["wait"], ["returncode"]),
  "streams: exit codes up to 255": over("streams", { cmd: "exit 255" }, ["wait"]),

  "started in a folder": over("streams", { program: "pwd", args: [], ...OUT, cwd: "/usr" }, ["communicate"]),
  "started with an environment": over("streams", { cmd: 'echo "$A" "$B"', ...OUT, env: { A: "1 ü", B: "" } }, [
    "communicate",
  ]),
  "started with arguments of all kinds": over(
    "streams",
    { program: "printf", args: ["<%s>", "", " a b ", "ü", "'\"$x\\", "-n", "*"], ...OUT },
    ["communicate"],
  ),
  "started as another one": over(
    "streams",
    { program: "zero", args: ["-c", "echo $0"], executable: "/bin/sh", ...OUT },
    ["communicate"],
  ),
  "started by another shell": over(
    "streams",
    { cmd: "echo $BASH_VERSION | head -c 1 | wc -c", executable: "/bin/bash", ...OUT },
    ["communicate"],
  ),
  "started in a session of its own": over(
    "streams",
    { cmd: 'test "$(ps -o sid= -p $$ | tr -d " ")" = $$ && echo own', ...OUT, startNewSession: true },
    ["communicate"],
  ),
  "a program that is not there": over("streams", { program: "/no/such", args: [], ...QUIET }),
  "a name that is not there": over("streams", { program: "no-such-program", args: [], ...QUIET }),
  "a file that is no program": over("streams", { program: "/etc/passwd", args: [], ...QUIET }),
  "a folder as a program": over("streams", { program: "/etc", args: [], ...QUIET }),
  "a folder that is not there": over("streams", { program: "true", args: [], cwd: "/no/such", ...QUIET }),
  "a program of another PATH": over("streams", { program: "true", args: [], env: { PATH: "/no/such" }, ...QUIET }),
  "not there, with errors where output goes": over("streams", {
    program: "no-such-program",
    args: [],
    stdout: "PIPE",
    stderr: "STDOUT",
  }),
  "no program, with errors where output goes": over("streams", {
    program: "/etc/passwd",
    args: [],
    stdout: "PIPE",
    stderr: "STDOUT",
  }),
  "protocol: a program that is not there": over("protocol", { program: "/no/such", args: [] }),
};
