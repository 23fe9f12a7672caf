// In the place of test/support/typescript-core/digest.ts: no digest, for a scheduler that does not have to be compared
// with its like.

export class Digest {
  reset(): void {}
  mix(_value: number): void {}
  mixDeadline(_deadline: number): void {}
  text(): string {
    return "";
  }
}
