// The private directory: made when it is missing, and refused when it is not ours alone.
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { attempt, attemptAll } from './attempt.js';

const isRoot = process.getuid?.() === 0;
let around: string;
let directory: string;

beforeEach(() => {
  around = mkdtempSync(join(process.env['TMPDIR']!, 'around-'));
  directory = join(around, 'private');
});
afterEach(() => rmSync(around, { recursive: true, force: true }));

test('is made with mode 0700, whatever the umask, and goes with its last user', () => {
  const before = process.umask(0);
  try {
    expect(attempt(directory, 'namedLock', 'stays')).toEqual({ gave: true });
  } finally {
    process.umask(before);
  }
  expect(lstatSync(directory).mode & 0o7777).toBe(0o700);
  expect(lstatSync(join(directory, 'n.stays')).mode & 0o7777).toBe(0o600);
  expect(attempt(directory, 'unlink', 'stays')).toEqual({ gave: true });
  expect(existsSync(directory)).toBe(false);
});

test.each([0o770, 0o707, 0o777, 0o740])('mode %o is refused', (mode) => {
  mkdirSync(directory);
  chmodSync(directory, mode);
  const { name, code, message } = attempt(directory, 'lock');
  expect({ name, code }).toEqual({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_DENIED' });
  expect(message).toContain(`with mode ${mode.toString(8)}`);
  expect(message).toContain(directory);
  expect(message).toMatch(/mode 0700, and its files must be private too\.$/);
});

test('a link in its place is not followed', () => {
  const elsewhere = join(around, 'elsewhere');
  mkdirSync(elsewhere, { mode: 0o700 });
  symlinkSync(elsewhere, directory);
  const { name, code, message } = attempt(directory, 'lock');
  expect({ name, code }).toEqual({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_LINK' });
  expect(message).toContain(directory);
  expect(lstatSync(directory).isSymbolicLink()).toBe(true);
});

test('a file in its place stays what it is', () => {
  writeFileSync(directory, 'mine');
  const { name, code } = attempt(directory, 'lock');
  expect({ name, code }).toEqual({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_LINK' });
  expect(lstatSync(directory).isFile()).toBe(true);
});

test('a directory above that is missing is said so', () => {
  const { name, code, message } = attempt(join(directory, 'deep'), 'lock');
  expect({ name, code }).toEqual({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_MISSING' });
  expect(message).toContain(join(directory, 'deep'));
});

test.runIf(isRoot)("somebody else's is refused (as root)", () => {
  mkdirSync(directory, { mode: 0o700 });
  chownSync(directory, 65534, 65534);
  const { name, code, message } = attempt(directory, 'lock');
  expect({ name, code }).toEqual({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_DENIED' });
  expect(message).toContain('belongs to user 65534');
});

test.runIf(isRoot)('one where this user may not write is refused (as root, who becomes another)', () => {
  chmodSync(around, 0o755);
  const who = { uid: 65534, gid: 65534 };
  const [outcome] = attemptAll(directory, [['lock']], who);
  expect(outcome).toMatchObject({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_DENIED' });
});
