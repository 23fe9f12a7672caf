/** Waits until something is so. There is no limit but the test's own: how soon it is so is a matter of the machine. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => void setTimeout(resolve, 5));
}
