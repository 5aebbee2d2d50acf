// What does not fit is refused at every door, with a sentence, and what was there stays.
import { describe, expect, test } from 'vitest';

import { StateError } from '../../lib/errors/errors.js';
import { RawArray, SharedArray } from '../../lib/sharedtypes/array.js';
import type { TypeCode } from '../../lib/sharedtypes/type-codes.js';
import { RawValue, Value } from '../../lib/sharedtypes/value.js';
import { Lock } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { Semaphore } from '../../lib/sync/semaphore.js';
import { expectFailure, expectInvalid, failureOf } from '../memory/failures.js';
import { bigints, codes, floats, integers } from './types.js';

function refused(code: TypeCode): [wrongTypes: unknown[], wrongRanges: unknown[]] {
  const integer = integers.find(([c]) => c === code);
  if (integer) {
    const [, min, max] = integer;
    return [
      [1n, '1', null, true, {}],
      [min - 1, max + 1, 0.5, NaN, Infinity, -Infinity],
    ];
  }
  const bigint = bigints.find(([c]) => c === code);
  if (bigint) {
    const [, min, max] = bigint;
    return [
      [1, '1', null, true],
      [min - 1n, max + 1n, 2n ** 80n],
    ];
  }
  if (floats.includes(code)) return [[1n, '1', null, false], code === 'f' ? [1e39, -1e39] : []];
  if (code === '?') return [[0, 1, 'true', null], []];
  return [
    [65, null, ['a']],
    ['', 'ab', ...(code === 'c' ? ['Ā', '€'] : ['😀'])],
  ];
}

describe.each(codes)("'%s'", (code, _zero, good) => {
  const [wrongTypes, wrongRanges] = refused(code);
  const wrong = [
    ...wrongTypes.map((given) => [given, TypeError] as const),
    ...wrongRanges.map((given) => [given, RangeError] as const),
  ];
  const rule = new RegExp(`a value of type '[${code}]' must`);

  test('by a value', async () => {
    using value = new Value(code, good[1] as never);
    for (const [given, errorClass] of wrong) {
      await expectInvalid(() => new Value(code, given as never), errorClass, rule);
      await expectInvalid(() => (value.value = given as never), errorClass, rule);
      await expectInvalid(() => value.updateSync(() => given as never), errorClass, rule);
      await expectInvalid(() => value.update(async () => given as never), errorClass, rule);
    }
    expect(value.value).toBe(good[1]);
    expect(value.getLock().locked()).toBe(false);
  });

  test('by an array, which then stores nothing at all', async () => {
    using array = new SharedArray(code, good as never[]);
    for (const [given, errorClass] of wrong) {
      await expectInvalid(() => new SharedArray(code, [good[0], given] as never[]), errorClass, rule);
      await expectInvalid(() => array.set(0, given as never), errorClass, rule);
      await expectInvalid(() => array.setAll([good[2], given] as never[]), errorClass, rule);
    }
    expect(array.toArray()).toEqual(good);
  });
});

test('add() and compareExchange()', async () => {
  using value = new Value('i', 1);
  using big = new Value('q', 1n);
  for (const n of [0.5, NaN, Infinity, 2 ** 53]) {
    await expectInvalid(() => value.add(n), RangeError, /what is added .* must be an integer/);
  }
  for (const n of [1n, '1', null, undefined] as never[]) {
    await expectInvalid(() => value.add(n), TypeError, /what is added .* must be an integer/);
  }
  for (const n of [1, '1', null, undefined] as never[]) {
    await expectInvalid(() => big.add(n), TypeError, /what is added .* must be a bigint/);
  }
  await expectInvalid(() => value.compareExchange(1, 2 ** 31), RangeError, /must be an integer from/);
  await expectInvalid(() => value.compareExchange(0.5, 1), RangeError, /must be an integer from/);
  for (const code of ['f', 'd', 'c', 'u', '?'] as const) {
    using other = new Value<TypeCode>(code);
    await expectInvalid(() => other.add(1), TypeError, /add\(\) is for values of integer types/);
    await expectInvalid(() => other.compareExchange(1, 2), TypeError, /compareExchange\(\) is for values of integer/);
  }
  expect([value.value, big.value]).toEqual([1, 1n]);
});

test('a type that there is not', async () => {
  for (const type of ['x', '', 'ii', 'constructor'] as never[]) {
    await expectInvalid(() => new Value(type), RangeError, /type must be one of 'b', 'B'/);
    await expectInvalid(() => new SharedArray(type, 1), RangeError, /type must be one of 'b', 'B'/);
  }
  for (const type of [undefined, null, 5, Int32Array] as never[]) {
    await expectInvalid(() => new Value(type), TypeError, /type must be one of 'b', 'B'/);
  }
  expect(new Value('i').value).toBe(0);
});

test('sizes, initial elements, indices and offsets of arrays', async () => {
  for (const size of [-1, 1.5, NaN, Infinity, 2 ** 31, 2 ** 40]) {
    await expectInvalid(() => new SharedArray('d', size), RangeError, /size must be an integer from 0 to \d+/);
  }
  for (const given of [undefined, null, {}, true, 5n] as never[]) {
    await expectInvalid(() => new SharedArray('d', given), TypeError, /a number of elements or with an iterable/);
  }
  using array = new SharedArray('B', [1, 2, 3]);
  for (const index of [-1, 3, 0.5, NaN, Infinity]) {
    await expectInvalid(() => array.get(index), RangeError, /index must be an integer from 0 to 2/);
    await expectInvalid(() => array.set(index, 0), RangeError, /index must be an integer from 0 to 2/);
  }
  for (const index of ['0', null, undefined, 1n] as never[]) {
    await expectInvalid(() => array.get(index), TypeError, /index must be an integer/);
  }
  await expectInvalid(() => array.setAll([9, 9, 9, 9]), RangeError, /values must be at most 3 from offset 0 on/);
  await expectInvalid(() => array.setAll([9, 9], 2), RangeError, /values must be at most 1 from offset 2 on/);
  for (const offset of [-1, 4, 0.5, NaN]) {
    await expectInvalid(() => array.setAll([9], offset), RangeError, /offset must be an integer from 0 to 3/);
  }
  await expectInvalid(() => array.setAll([9], '1' as never), TypeError, /offset must be an integer/);
  await expectInvalid(() => array.setAll(5 as never), TypeError, /iterable/);
  const wrong = new Error('on the way');
  const failing = () =>
    (function* () {
      yield 9;
      throw wrong;
    })();
  expect(await failureOf(() => array.setAll(failing()))).toBe(wrong);
  expect(await failureOf(() => new SharedArray('B', failing()))).toBe(wrong);
  expect(array.toArray()).toEqual([1, 2, 3]);
});

test('locks that are none', async () => {
  using semaphore = new Semaphore();
  for (const lock of [1, 'yes', null, {}, semaphore] as never[]) {
    await expectInvalid(() => new Value('i', 0, { lock }), TypeError, /lock must be true, false, a Lock or an RLock/);
    await expectInvalid(() => new SharedArray('i', 1, { lock }), TypeError, /lock must be true, false/);
  }
  expect(semaphore.getValue()).toBe(1);
});

test('what is for a lock, where there is none', async () => {
  for (const value of [new Value('i', 1, { lock: false }), RawValue('i', 1)]) {
    for (const [asked, call] of Object.entries({
      getLock: () => value.getLock(),
      with: () => value.with(() => 1),
      withSync: () => value.withSync(() => 1),
      update: () => value.update(() => 1),
      updateSync: () => value.updateSync(() => 1),
    })) {
      const failure = await expectFailure(call, StateError, 'ERR_PROCLOOM_STATE');
      expect(failure.message).toContain(`value.${asked}(): it was made with lock: false. Make it with a lock`);
    }
    value.close();
  }
  for (const array of [new SharedArray('i', 1, { lock: false }), RawArray('i', 1)]) {
    await expectFailure(() => array.getLock(), StateError, 'ERR_PROCLOOM_STATE');
    await expectFailure(() => array.with(() => 1), StateError, 'ERR_PROCLOOM_STATE');
    await expectFailure(() => array.withSync(() => 1), StateError, 'ERR_PROCLOOM_STATE');
    array.close();
  }
});

test('update(): a function that fails, or is none, and a lock that is not free', async () => {
  using value = new Value('i', 1);
  const wrong = new Error('wrong');
  const fail = () => {
    throw wrong;
  };
  expect(await failureOf(() => value.update(fail))).toBe(wrong);
  expect(await failureOf(() => value.updateSync(fail))).toBe(wrong);
  await expectInvalid(() => value.update(5 as never), TypeError, /fn must be a function/);
  await expectInvalid(() => value.updateSync(undefined as never), TypeError, /fn must be a function/);
  await expectInvalid(() => value.updateSync((async () => 2) as never), TypeError, /must/);
  await value.getLock().acquire();
  await expect(value.update(() => 2, { timeout: 1 })).rejects.toMatchObject({ code: 'ERR_PROCLOOM_TIMEOUT' });
  expect(() => value.updateSync(() => 2, { timeout: 1 })).toThrow(/passed before/);
  expect(await failureOf(() => value.update(() => 2, { signal: AbortSignal.abort('no') }))).toBe('no');
  await expectInvalid(() => value.update(() => 2, { timeout: NaN }), RangeError, /timeout/);
  value.getLock().release();
  expect(value.value).toBe(1);
});

test('a lock that was given is not closed with its value', async () => {
  for (const lock of [new Lock(), new RLock()]) {
    const value = new Value('i', 0, { lock });
    expect(value.getLock()).toBe(lock);
    value.close();
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
    lock.close();
  }
});
