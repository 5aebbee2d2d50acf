/** Arrays that are mostly holes, and that take no memory for them. */

/** The engine keeps an array of this length as a list of what is in it, and goes on so when it becomes shorter. */
const LONGEST = 0xffff_ffff;

/** Adds holes up to `length`, without the memory that an ordinary array has for each. */
export function addHoles(array: unknown[], length: number): void {
  array.length = LONGEST;
  array.length = length;
}
