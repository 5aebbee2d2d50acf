/** docs/errors.md and lib/errors/codes.ts tell the same: every code, its class, what forbade the call and what to do. */
import { describe, expect, test } from 'vitest';

import { INVALID_ARGUMENT } from '../../lib/errors/arguments.js';
import { codes } from '../../lib/errors/codes.js';
import { rowsOfManual } from './rules/errors-manual.js';
import { read } from './rules/sources.js';

const manual = read('docs/errors.md');
const rows = rowsOfManual(manual);

test('the codes of the manual are those of the table, in its order', () => {
  expect(rows.map(({ code }) => code)).toEqual(Object.keys(codes));
});

test.each(Object.entries(codes))('%s: class, reason and remedy', (code, { class: errorClass, why, remedy }) => {
  const row = rows.find((one) => one.code === code);
  expect(row).toMatchObject({ class: errorClass.name, why });
  // Where the table leaves the remedy to the caller, the manual still has one.
  if (remedy === '') expect(row!.remedy).toMatch(/\.$/);
  else expect(row!.remedy).toBe(remedy);
});

test('the code of wrong arguments, which has no row, is explained', () => {
  expect(manual).toContain(`\`${INVALID_ARGUMENT}\``);
});

test('every class stands in the tree', () => {
  const tree = /```text\n([\s\S]*?)```/.exec(manual)![1]!;
  const names = new Set(Object.values(codes).map(({ class: errorClass }) => errorClass.name));
  expect([...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(tree))).toEqual([]);
});

describe('the reading of the manual', () => {
  const table =
    '| code | class | a | b |\n| --- | --- | --- | --- |\n| `ERR_PROCLOOM_X` | `X` | it is `so`  | Do \\| it. |\n';

  test('takes rows as they are meant', () => {
    expect(rowsOfManual(table)).toEqual([
      { code: 'ERR_PROCLOOM_X', class: 'X', why: 'it is `so`', remedy: 'Do | it.' },
    ]);
  });

  test('refuses a manual without a table', () => {
    expect(() => rowsOfManual('no table')).toThrow('no rows');
  });
});
