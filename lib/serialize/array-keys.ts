/** Which keys of an array are its elements. */

export function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 0xffffffff;
}

/** The first index from `from` on that the array has; `length` if there is none. */
export function nextIndex(value: unknown[], from: number, length: number): number {
  // Keys that are indexes come first and in order.
  for (const key of Object.keys(value)) {
    if (!isIndex(key)) return length;
    if (Number(key) >= from) return Number(key);
  }
  return length;
}
