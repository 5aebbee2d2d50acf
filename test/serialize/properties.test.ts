// Random values: what arrives is what structured clone delivers; what is refused leaves nothing behind.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { carry } from './carry.js';

const runs = { numRuns: Number(process.env['PROCLOOM_FUZZ_RUNS'] ?? 1000) };

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
  withUnicodeString: true,
  maxDepth: 4,
} as Parameters<typeof fc.anything>[0]);

/** assert takes two invalid dates for different ones; round-trip.test.ts looks at them. */
function expectSame(a: unknown, b: unknown): void {
  fc.pre(!inspect(a, { depth: Infinity, showHidden: true }).includes('Invalid Date'));
  assert.deepStrictEqual(a, b);
}

test('random values arrive as their structured clones', () => {
  expect(() =>
    fc.assert(
      fc.property(anything, (value) => expectSame(carry(value), structuredClone(value))),
      runs,
    ),
  ).not.toThrow();
});

test('… from a scratch that is too small, too', () => {
  expect(() =>
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 40 }), (value, scratchBytes) => {
        expectSame(carry(value, scratchBytes), structuredClone(value));
      }),
      runs,
    ),
  ).not.toThrow();
});

test('random strings of any code units', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 });
  expect(() =>
    fc.assert(
      fc.property(units, (list) => {
        const text = String.fromCharCode(...list);
        assert.deepStrictEqual(carry([text, { [text]: 1 }]), [text, { [text]: 1 }]);
        assert.equal(carry(text), text);
      }),
      runs,
    ),
  ).not.toThrow();
});

test('random numbers, bit by bit', () => {
  expect(() =>
    fc.assert(
      fc.property(fc.double(), (n) => assert.ok(Object.is(carry([n])[0], n))),
      runs,
    ),
  ).not.toThrow();
});
