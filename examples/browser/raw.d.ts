/** A file as text: Vite's own suffix. */
declare module "*?raw" {
  const text: string;
  export default text;
}
