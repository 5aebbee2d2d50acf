// Values: every type code, its range, its atomic verbs, its lock.
import { describe, expect, test } from 'vitest';

import { ClosedError, StateError } from '../../lib/errors/errors.js';
import type { TypeCode } from '../../lib/sharedtypes/type-codes.js';
import { RawValue, Value } from '../../lib/sharedtypes/value.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';

const invalid = { code: 'ERR_PROCLOOM_INVALID_ARGUMENT' };

const integers: [TypeCode, bigint, bigint][] = [
  ['b', -(2n ** 7n), 2n ** 7n - 1n],
  ['B', 0n, 2n ** 8n - 1n],
  ['h', -(2n ** 15n), 2n ** 15n - 1n],
  ['H', 0n, 2n ** 16n - 1n],
  ['i', -(2n ** 31n), 2n ** 31n - 1n],
  ['I', 0n, 2n ** 32n - 1n],
  ['l', -(2n ** 63n), 2n ** 63n - 1n],
  ['L', 0n, 2n ** 64n - 1n],
  ['q', -(2n ** 63n), 2n ** 63n - 1n],
  ['Q', 0n, 2n ** 64n - 1n],
];

describe.each(integers)('%s', (code, min, max) => {
  const wide = 'lLqQ'.includes(code);
  const as = (n: bigint) => (wide ? n : Number(n)) as never;

  test('holds its range and nothing beyond', () => {
    using value = new Value(code);
    expect(value.value).toBe(as(0n));
    for (const n of [min, max, 1n]) {
      value.value = as(n);
      expect(value.value).toBe(as(n));
    }
    for (const n of [min - 1n, max + 1n]) {
      expect(() => (value.value = as(n))).toThrow(RangeError);
      expect(() => new Value(code, as(n))).toThrow(expect.objectContaining(invalid));
    }
    for (const wrong of ['1', null, {}, true, ...(wide ? [1, 1.5] : [1.5, NaN, Infinity, 1n])] as never[]) {
      expect(() => (value.value = wrong)).toThrow(expect.objectContaining(invalid));
    }
    expect(value.value).toBe(as(1n));
  });

  test('add wraps as C does, and gives the value before', () => {
    using value = new Value(code, as(max));
    expect(value.add(as(1n))).toBe(as(max));
    expect(value.value).toBe(as(min));
    expect(value.add(as(-1n))).toBe(as(min));
    expect(value.value).toBe(as(max));
  });

  test('compareExchange', () => {
    using value = new Value(code, as(3n));
    expect(value.compareExchange(as(2n), as(9n))).toBe(as(3n));
    expect(value.value).toBe(as(3n));
    expect(value.compareExchange(as(3n), as(9n))).toBe(as(3n));
    expect(value.value).toBe(as(9n));
  });
});

test('floats', () => {
  using float = new Value('f', 0.5);
  using double = new Value('d', 0.1);
  expect([float.value, double.value]).toEqual([0.5, 0.1]);
  for (const n of [-0, NaN, Infinity, -Infinity, 1e30]) {
    float.value = n;
    double.value = n;
    expect(float.value).toBe(Math.fround(n));
    expect(double.value).toBe(n);
  }
  expect(() => (float.value = 1e300)).toThrow(RangeError);
  expect(() => (double.value = '1' as never)).toThrow(TypeError);
  expect(() => double.add(1)).toThrow(TypeError);
  expect(() => double.compareExchange(1, 2)).toThrow(TypeError);
});

test('characters and booleans', () => {
  using byte = new Value('c', 'A');
  using unit = new Value('u', '\ud800');
  using flag = new Value('?', true);
  expect([byte.value, unit.value, flag.value]).toEqual(['A', '\ud800', true]);
  byte.value = '\xff';
  flag.value = false;
  expect([byte.value, flag.value]).toEqual(['\xff', false]);
  expect(() => (byte.value = '\u0100')).toThrow(RangeError);
  expect(() => (byte.value = 'ab')).toThrow(RangeError);
  expect(() => (unit.value = '')).toThrow(RangeError);
  expect(() => (flag.value = 1 as never)).toThrow(TypeError);
});

test('wrong types and options', () => {
  for (const code of ['x', '', 'ii', 5, null, undefined] as never[]) {
    expect(() => new Value(code)).toThrow(expect.objectContaining(invalid));
  }
  for (const lock of ['yes', 1, null, {}] as never[]) {
    expect(() => new Value('i', 0, { lock })).toThrow(expect.objectContaining(invalid));
  }
});

describe('the lock', () => {
  test('is an RLock by default', async () => {
    using value = new Value('i', 1);
    expect(value.getLock()).toBeInstanceOf(RLock);
    expect(value.withSync(() => value.updateSync((n) => n + 1))).toBe(2);
    expect(await value.update(async (n) => n * 10)).toBe(20);
    expect(await value.with(() => value.update((n) => n + 1))).toBe(21);
    expect(value.getLock().locked()).toBe(false);
  });

  test('is let go when the function throws, and the value is as it was', async () => {
    using value = new Value('i', 1);
    const oops = () => {
      throw new Error('oops');
    };
    expect(() => value.updateSync(oops)).toThrow('oops');
    await expect(value.update(oops)).rejects.toThrow('oops');
    expect(() => value.updateSync(() => 2 ** 40)).toThrow(RangeError);
    expect([value.value, value.getLock().locked()]).toEqual([1, false]);
  });

  test('can be given, or none', async () => {
    using lock = new Lock();
    using value = new Value('i', 1, { lock });
    expect(value.getLock()).toBe(lock);
    for (const raw of [new Value('i', 1, { lock: false }), RawValue('i', 1)]) {
      expect(() => raw.getLock()).toThrow(StateError);
      expect(() => raw.updateSync((n) => n)).toThrow(StateError);
      await expect(raw.update((n) => n)).rejects.toThrow(StateError);
      await expect(raw.with(() => 1)).rejects.toThrow(StateError);
      expect(raw.add(1)).toBe(1);
      raw.close();
    }
  });
});

test('after close', () => {
  const value = new Value('i', 1);
  value.close();
  value.close();
  for (const verb of [
    () => value.value,
    () => (value.value = 1),
    () => value.add(1),
    () => value.compareExchange(1, 2),
  ]) {
    expect(verb).toThrow(ClosedError);
  }
});

test('ten thousand values keep to themselves', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => new Value('i', i, { lock: false }));
  for (const value of values) value.add(1);
  expect(values.every((value, i) => value.value === i + 1)).toBe(true);
  for (const value of values) value.close();
});
