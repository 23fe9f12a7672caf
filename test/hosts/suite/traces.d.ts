declare module "traces" {
  /** The traces of CPython, as `Traces`: ../bundle.ts unpacks them into the bundle. */
  const data: unknown;
  export default data;
}
