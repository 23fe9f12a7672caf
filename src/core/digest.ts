// The digest of a run as a text.

/** 16 hexadecimal digits for the two halves of a digest. */
export function digestText(high: number, low: number): string {
  return hexadecimal(high) + hexadecimal(low);
}

function hexadecimal(half: number): string {
  return (half >>> 0).toString(16).padStart(8, "0");
}
