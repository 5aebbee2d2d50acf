/** Which keys of an array are its elements. */

export function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 0xffffffff;
}

/** The indexes that an array has, to be looked through once from the first to the last. */
export class Indexes {
  readonly #keys: string[];
  #at = 0;

  constructor(array: unknown[]) {
    // Keys that are indexes come first and in order.
    this.#keys = Object.keys(array);
  }

  /** The first index from `from` on; `length` if there is none. REQUIRES: `from` is none that was passed before. */
  next(from: number, length: number): number {
    for (; this.#at < this.#keys.length; this.#at++) {
      const key = this.#keys[this.#at]!;
      if (!isIndex(key)) return length;
      if (Number(key) >= from) return Math.min(Number(key), length);
    }
    return length;
  }
}
