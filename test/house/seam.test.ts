/** What is written on both sides of the seam agrees: C++ tables, TypeScript's unions, the table of errors, the binary. */
import { describe, expect, test } from 'vitest';

import { codeOfStatus } from '../../lib/errors/from-status.js';
import { membersOf, rowsOf } from './rules/seam.js';
import { read } from './rules/sources.js';

const seam = read('lib/addon/native.ts');
const statuses = rowsOf(read('native/layout/status.h'), 'PROCLOOM_STATUSES');
const kinds = rowsOf(read('native/layout/kind.h'), 'PROCLOOM_KINDS');

test("statuses in C++ are StatusName's members", () => {
  expect(membersOf(seam, 'StatusName').sort()).toEqual([...statuses.keys()].sort());
});

test("kinds in C++ are KindName's members", () => {
  expect(membersOf(seam, 'KindName').sort()).toEqual([...kinds.keys()].sort());
});

test.each([
  ['statuses', statuses],
  ['kinds', kinds],
])('no two %s have the same number', (_, rows) => {
  expect(new Set(rows.values()).size).toBe(rows.size);
});

test('every status that is a failure has its error', () => {
  const failures = [...statuses].filter(([, value]) => value < 0).map(([name]) => name);
  expect(Object.keys(codeOfStatus).sort()).toEqual(failures.sort());
});

test('the compiled addon has the same tables', async () => {
  const { native } = await import('../../lib/addon/loader.js');
  expect(native.status).toEqual(Object.fromEntries(statuses));
  expect(native.kind).toEqual(Object.fromEntries(kinds));
});

test('the compiled addon has exactly the members of Native', async () => {
  const { native } = await import('../../lib/addon/loader.js');
  const declared = /export interface Native \{([\s\S]*?)\n\}/.exec(seam)![1]!;
  const members = [...declared.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map((match) => match[1]!);
  // `path` is put there by the package bindings.
  expect(
    Object.keys(native)
      .filter((name) => name !== 'path')
      .sort(),
  ).toEqual(members.sort());
});

describe('the reading of the tables', () => {
  test('finds a name that stands on one side only', () => {
    const header = '#define ROWS(X) \\\n  X(A, 0, "a") \\\n  X(B, -1, "b")\n';
    expect(rowsOf(header, 'ROWS')).toEqual(
      new Map([
        ['A', 0],
        ['B', -1],
      ]),
    );
    expect(membersOf("export type Name =\n  | 'A' // the first\n  | 'C';", 'Name')).toEqual(['A', 'C']);
  });

  test('refuses a table that is not there', () => {
    expect(() => rowsOf('', 'ROWS')).toThrow('ROWS');
    expect(() => membersOf('', 'Name')).toThrow('Name');
  });
});
