/** The stage of the models tells what Spin found, and takes no search for a proof that was none. */
import { describe, expect, test } from 'vitest';

import { complaint, textOf, variantsOf, verdictOf } from '../../scripts/stages/models.mjs';

const output = (errors: number, more = '') =>
  `${more}\n\tinvalid end states\t- (disabled by -E flag)\n\tnon-progress cycles \t+\nState-vector 76 byte, depth reached 258, errors: ${errors}\n   768397 states, stored\n`;

describe("pan's output", () => {
  test('of a search that found nothing', () => {
    expect(verdictOf(output(0))).toEqual({ states: 768397, depth: 258, found: undefined, exhaustive: true });
  });

  test.each([
    ['pan:1: assertion violated (inside==0) (at depth 61)', 'assertion'],
    ['pan:1: invalid end state (at depth 77)', 'deadlock'],
    ['pan:1: non-progress cycle (at depth 12)', 'cycle'],
    ['pan:1: something new', 'an error'],
  ])('of one that found %s', (line, found) => {
    expect(verdictOf(output(1, line))).toMatchObject({ found });
  });

  test.each(['error: max search depth too small', 'pan: out of memory', 'pan: reached -DMEMLIM bound'])(
    'of one that was not exhaustive: %s',
    (line) => {
      expect(verdictOf(output(0, line))).toMatchObject({ exhaustive: false });
    },
  );

  test('that breaks off', () => {
    expect(verdictOf('Depth= 12 States= 1e+06')).toBeNull();
  });
});

describe('a check fails', () => {
  const good = { states: 1, depth: 1, found: undefined, exhaustive: true };

  test('when pan did not come to its end', () => {
    expect(complaint({}, null)).toContain('did not come to its end');
  });

  test('when the search was not exhaustive', () => {
    expect(complaint({}, { ...good, exhaustive: false })).toContain('not exhaustive');
  });

  test('when Spin found something in a model that should hold', () => {
    expect(complaint({}, { ...good, found: 'deadlock' })).toContain('deadlock');
  });

  test('when a broken variant was not caught, or by something else', () => {
    expect(complaint({ breaks: 'X' }, good)).toContain('did not catch');
    expect(complaint({ breaks: 'X', expected: 'deadlock' }, { ...good, found: 'assertion' })).toContain('expected');
  });

  test('and otherwise does not', () => {
    expect(complaint({}, good)).toBeUndefined();
    expect(complaint({ breaks: 'X', expected: 'deadlock' }, { ...good, found: 'deadlock' })).toBeUndefined();
  });
});

test('the broken variants of a model are found in its text', () => {
  expect(variantsOf('#ifdef BREAK_A\n#ifndef BREAK_B\n#ifdef BREAK_A\n#ifdef FAIR\n')).toEqual(['BREAK_A', 'BREAK_B']);
  expect(variantsOf('#if defined(BREAK_A)\n#elif defined(BREAK_B)\n')).toEqual(['BREAK_A', 'BREAK_B']);
});

test('and in that of the files that it includes', () => {
  const variants = variantsOf(textOf('queue'));
  expect(variants).toContain('BREAK_PASSES_ON_BLINDLY');
  expect(variants).toContain('BREAK_NO_REPAIR');
});
