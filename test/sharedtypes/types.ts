// The type codes with their ranges, as the tests of values and arrays go through them.
import type { TypeCode } from '../../lib/sharedtypes/type-codes.js';

export const integers: [code: 'b' | 'B' | 'h' | 'H' | 'i' | 'I', min: number, max: number][] = [
  ['b', -128, 127],
  ['B', 0, 255],
  ['h', -32768, 32767],
  ['H', 0, 65535],
  ['i', -2147483648, 2147483647],
  ['I', 0, 4294967295],
];

export const bigints: [code: 'l' | 'L' | 'q' | 'Q', min: bigint, max: bigint][] = [
  ['l', -9223372036854775808n, 9223372036854775807n],
  ['L', 0n, 18446744073709551615n],
  ['q', -9223372036854775808n, 9223372036854775807n],
  ['Q', 0n, 18446744073709551615n],
];

export const floats: TypeCode[] = ['f', 'd'];
export const characters: TypeCode[] = ['c', 'u'];

/** All of them, with their zero and at least three values that fit. */
export const codes: [code: TypeCode, zero: unknown, good: unknown[]][] = [
  ...integers.map(([code, min, max]): [TypeCode, unknown, unknown[]] => [code, 0, [min, 1, max, 0]]),
  ...bigints.map(([code, min, max]): [TypeCode, unknown, unknown[]] => [code, 0n, [min, 1n, max, 0n]]),
  ['f', 0, [1.5, -0.25, 3.4028234663852886e38]],
  ['d', 0, [0.1, Number.MAX_VALUE, Number.MIN_VALUE]],
  ['c', '\0', ['a', '\xff', '\0']],
  ['u', '\0', ['a', '€', '\ud800']],
  ['?', false, [true, false, true]],
];
