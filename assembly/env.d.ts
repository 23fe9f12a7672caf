// What TypeScript insists on, or the core calls, and AssemblyScript's own declarations lack.

interface CallableFunction extends Function {}
interface NewableFunction extends Function {}

declare namespace heap {
  /** Frees all that was ever allocated. */
  function reset(): void;
}
