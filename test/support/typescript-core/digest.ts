// The digest: the core's rolling hash, 64 bits wide, in halves of 32 bits and products of 16: JavaScript has no wider
// integers that are fast.

const MULTIPLIER_HIGH = 0x9e3779b9 | 0;
const MULTIPLIER_LOW = 0x7f4a7c15;
const LOW_0 = MULTIPLIER_LOW & 0xffff;
const LOW_1 = MULTIPLIER_LOW >>> 16;

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

export class Digest {
  /** Low and high half. */
  readonly #state = new Int32Array(2);

  reset(): void {
    this.#state.fill(0);
  }

  /** Takes in a whole number that is not negative. */
  mix(value: number): void {
    this.#mix(value | 0, value < 0x100000000 ? 0 : (value / 0x100000000) | 0);
  }

  /** Takes in a deadline, as the number of 64 bits that orders as deadlines do. */
  mixDeadline(deadline: number): void {
    float[0] = deadline;
    const low = halves[0]; // every engine that matters is little-endian
    const high = halves[1];
    if (high < 0) this.#mix(~low, ~high);
    else this.#mix(low, high | 0x80000000);
  }

  text(): string {
    return [this.#state[1], this.#state[0]].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }

  #mix(low: number, high: number): void {
    const state = this.#state;
    const x = state[0] ^ low;
    const y = state[1] ^ high;
    const x0 = x & 0xffff;
    const x1 = x >>> 16;
    const middle = (Math.imul(x1, LOW_0) >>> 0) + (Math.imul(x0, LOW_0) >>> 16);
    const other = (Math.imul(x0, LOW_1) >>> 0) + (middle & 0xffff);
    const carried = Math.imul(x1, LOW_1) + (middle >>> 16) + (other >>> 16);
    const productLow = Math.imul(x, MULTIPLIER_LOW);
    const productHigh = (carried + Math.imul(y, MULTIPLIER_LOW) + Math.imul(x, MULTIPLIER_HIGH)) | 0;
    state[0] = productLow ^ ((productLow >>> 29) | (productHigh << 3));
    state[1] = productHigh ^ (productHigh >>> 29);
  }
}
