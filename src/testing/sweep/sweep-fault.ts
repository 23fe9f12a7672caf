// The error that a sweep throws into a program.

/** What a task gets where it waits, in a sweep's mode "throw". */
export class SweepFault extends Error {
  static {
    this.prototype.name = "SweepFault";
  }
}
