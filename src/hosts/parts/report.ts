// The log of hosts that have a console. Nothing goes to the standard output, which is the program's own.

/** Writes a line for the developer, and the error below it. */
export function reportToConsole(level: "error" | "warning" | "debug", text: string, error?: unknown): void {
  const write = level === "error" ? console.error : console.warn;
  write(text);
  if (error !== undefined) write(error);
}
