/** The set-up's stamps and its lock. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { exclusively } from '../../scripts/setup/lock.mjs';
import { at, root } from '../../scripts/setup/places.mjs';
import { hashOf, isDone, markDone, unmark } from '../../scripts/setup/stamp.mjs';

/** A folder inside the checkout, where the set-up looks, but ignored by git. */
let folder: string;
let step: string;

beforeEach(() => {
  mkdirSync(at('.setup'), { recursive: true });
  const made = mkdtempSync(at('.setup', 'test-'));
  folder = relative(root, made);
  step = `test-${process.pid}`;
});

afterEach(() => {
  unmark(step);
  rmSync(at(folder), { recursive: true });
});

test('the hash follows contents, names and facts, and not what is skipped', () => {
  writeFileSync(at(folder, 'a.cc'), 'int a;');
  const first = hashOf([folder]);
  expect(hashOf([folder])).toBe(first);
  writeFileSync(at(folder, 'a.cc'), 'int b;');
  const changed = hashOf([folder]);
  expect(changed).not.toBe(first);
  mkdirSync(at(folder, 'test'));
  writeFileSync(at(folder, 'test', 'b.cc'), '');
  expect(hashOf([folder])).not.toBe(changed);
  expect(hashOf([folder], { skip: [`${folder}/test`] })).toBe(changed);
  expect(hashOf([folder], { facts: ['arm64'] })).not.toBe(hashOf([folder]));
});

test('a step is done while its hash matches and its outputs are there', () => {
  const output = `${folder}/out.js`;
  writeFileSync(at(output), '');
  expect(isDone(step, 'abc', [output])).toBe(false);
  markDone(step, 'abc');
  expect(isDone(step, 'abc', [output])).toBe(true);
  expect(isDone(step, 'def', [output])).toBe(false);
  rmSync(at(output));
  expect(isDone(step, 'abc', [output])).toBe(false);
});

test('one at a time holds the lock, also after it was abandoned', async () => {
  // No process has this number: the largest that Linux gives is 2^22.
  const lock = at(folder, 'lock');
  mkdirSync(lock);
  writeFileSync(`${lock}/pid`, '99999999');
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside++;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside--;
  };
  await Promise.all([1, 2, 3].map(() => exclusively(work, lock)));
  expect(most).toBe(1);
});
