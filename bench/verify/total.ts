/** Verifies a counter: every increment counted once. */
import { Mismatch } from './mismatch.js';

export function verifyTotal(expected: number, actual: number | undefined): void {
  if (actual !== expected) throw new Mismatch(`${expected} increments made a total of ${actual}`);
}
