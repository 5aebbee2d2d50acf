import { describe, expect, test } from 'vitest';

import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkName,
  checkOptions,
  checkSignal,
  checkString,
  checkTimeout,
} from '../../lib/errors/arguments.js';

/** The error that `fn` throws. */
function thrownBy(fn: () => unknown): TypeError & { code?: string } {
  try {
    fn();
  } catch (error) {
    return error as TypeError;
  }
  throw new Error('it did not throw');
}

test.each([
  [undefined, -1],
  [Infinity, -1],
  [0, 0],
  [-5, 0],
  [-Infinity, 0],
  [1.5, 1.5],
  [1000, 1000],
])('timeout %s crosses the seam as %s', (timeout, expected) => {
  expect(checkTimeout(timeout)).toBe(expected);
});

describe('wrong arguments', () => {
  test.each<[string, () => unknown, typeof TypeError | typeof RangeError, string]>([
    ['timeout NaN', () => checkTimeout(NaN), RangeError, 'not NaN'],
    ['timeout text', () => checkTimeout('5' as never), TypeError, "got '5'."],
    ['timeout null', () => checkTimeout(null as never), TypeError, 'got null.'],
    ['signal', () => checkSignal({} as never), TypeError, 'AbortSignal'],
    ['options', () => checkOptions(5 as never), TypeError, 'options must be an object; got 5.'],
    ['options null', () => checkOptions(null as never), TypeError, 'got null'],
    ['fraction', () => checkInteger('n', 1.5, 0), RangeError, 'n must be an integer of 0 or more; got 1.5.'],
    ['too large', () => checkInteger('n', 8, 0, 7), RangeError, 'n must be an integer from 0 to 7; got 8.'],
    ['unsafe', () => checkInteger('n', 2 ** 53), RangeError, 'that a number can hold exactly'],
    ['bigint', () => checkInteger('n', 1n as never), TypeError, 'got 1n.'],
    ['boolean', () => checkBoolean('daemon', 1 as never), TypeError, 'daemon must be true or false'],
    ['string', () => checkString('cwd', 1 as never), TypeError, 'cwd must be a string'],
    ['function', () => checkFunction('fn', {} as never), TypeError, 'fn must be a function; got {}.'],
    ['choice', () => checkChoice('open', 'no' as string, ['either', 'create']), RangeError, "'either', 'create'"],
    ['empty name', () => checkName(''), RangeError, '1 to 200'],
    ['long name', () => checkName('x'.repeat(201)), RangeError, '1 to 200'],
    ['slash', () => checkName('a/b'), RangeError, "got 'a/b'."],
    ['newline at the end', () => checkName('a\n'), RangeError, 'letters'],
    ['name of a wrong type', () => checkName(5 as never), TypeError, 'name must be a string'],
  ])('%s', (_case, fn, errorClass, text) => {
    const error = thrownBy(fn);
    expect(error.constructor).toBe(errorClass);
    expect(error.code).toBe('ERR_PROCLOOM_INVALID_ARGUMENT');
    expect(error.message).toContain(text);
  });

  test('a large value is shown shortly', () => {
    expect(thrownBy(() => checkString('cwd', Array(1e5).fill('long text') as never)).message.length).toBeLessThan(250);
  });
});

test('right arguments come back', () => {
  const signal = new AbortController().signal;
  expect(checkSignal(signal)).toBe(signal);
  expect(checkSignal(undefined)).toBe(undefined);
  expect(checkInteger('n', -0, 0, 5)).toBe(-0);
  expect(checkName('jobs.v1_a-B')).toBe('jobs.v1_a-B');
  expect(checkOptions(undefined)).toBe(undefined);
});
