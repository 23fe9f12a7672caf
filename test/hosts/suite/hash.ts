// A rolling hash of texts in 32-bit integers: the same on every engine. Two lanes of FNV-1a, over UTF-16 units.

const PRIMES = [0x01000193, 0x01000197] as const;

export class Hash {
  #left = 0x811c9dc5;
  #right = 0x811c9dc5;

  add(text: string): void {
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      this.#left = Math.imul(this.#left ^ unit, PRIMES[0]);
      this.#right = Math.imul(this.#right ^ unit, PRIMES[1]);
    }
  }

  /** 16 hexadecimal digits. */
  text(): string {
    return [this.#left, this.#right].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
