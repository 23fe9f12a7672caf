// What the program prints in every project: all but the last line is the same on every host.

const OUTPUT = `
ping once
pong once
ping twice
pong twice
left has 1
right has 2
left has 3
right has 4
left has 5
task has cleaned up
CancelledError: enough, cancelled: true
block has cleaned up
TimeoutError: timed out after 0.01 s
one line
another line
createSubprocessExec: function
run gives ping pong 42
200: the body of /path
virtual time 172800 86400, digest 7b5221a5e14aaece
`.trim();

/** What tells which host the library has picked. */
const MARKS = {
  node: "turns by setImmediate, Ctrl-C by process",
  deno: "turns by setImmediate, Ctrl-C by Deno",
  bun: "turns by setImmediate, Ctrl-C by process",
  browser: "turns by MessageChannel, Ctrl-C by nobody",
  workerd: "turns by setTimeout, Ctrl-C by nobody",
};

/** The output of the program on a host. */
export const expected = (host: keyof typeof MARKS): string => `${OUTPUT}\n${MARKS[host]}\n`;
