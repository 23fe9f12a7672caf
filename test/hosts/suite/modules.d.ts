declare module "traces" {
  /** The traces of CPython, as `Traces`: ../bundle.ts unpacks them into the bundle. */
  const data: unknown;
  export default data;
}

declare module "lowered programs" {
  /** A list of `LoweredProgram`: ../lowered-programs.ts makes it when the suite is bundled. */
  const data: unknown;
  export default data;
}
