// What somebody planted, truncated or wrote over in the private directory: refused by code, not followed, not changed.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Attempt, attempt, attemptAll } from './attempt.js';

const isRoot = process.getuid?.() === 0;
let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(process.env['TMPDIR']!, 'private-'));
  file = join(directory, 'n.it');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const everyWay: Attempt[] = [
  ['value', 'it'],
  ['namedLock', 'it', 'attach'],
  ['namedLock', 'it', 'either'],
  ['namedQueue', 'it'],
];

function expectRefused(code: string, sentence: RegExp): void {
  for (const outcome of attemptAll(directory, everyWay)) {
    expect(outcome).toMatchObject({ name: 'SegmentError', code });
    expect(outcome.message).toMatch(sentence);
    expect(outcome.message).toContain(file);
  }
}

describe('in place of a named object', () => {
  test('a link to a file of ours is not followed, and not overwritten', () => {
    const precious = join(directory, 'precious');
    writeFileSync(precious, 'precious', { mode: 0o600 });
    symlinkSync(precious, file);
    expectRefused('ERR_PROCLOOM_SEGMENT_LINK', /a link or something that is no regular file/);
    expect(attempt(directory, 'namedLock', 'it', 'create')).toMatchObject({ code: 'ERR_PROCLOOM_SEGMENT_EXISTS' });
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    expect(readlinkSync(file)).toBe(precious);
    // Removing the name removes the link alone.
    expect(attempt(directory, 'unlink', 'it')).toEqual({ gave: true });
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(precious, 'utf8')).toBe('precious');
  });

  test('a link to nowhere makes nothing there', () => {
    const nowhere = join(directory, 'nowhere');
    symlinkSync(nowhere, file);
    expectRefused('ERR_PROCLOOM_SEGMENT_LINK', /a link or something that is no regular file/);
    expect(existsSync(nowhere)).toBe(false);
  });

  test('a FIFO, of which nobody waits for the other end', () => {
    execFileSync('mkfifo', ['-m', '600', file]);
    expectRefused('ERR_PROCLOOM_SEGMENT_LINK', /no regular file/);
    expect(lstatSync(file).isFIFO()).toBe(true);
  });

  test('a directory', () => {
    mkdirSync(file, { mode: 0o700 });
    expectRefused('ERR_PROCLOOM_SEGMENT_LINK', /no regular file/);
    expect(lstatSync(file).isDirectory()).toBe(true);
  });

  test.each([0, 1, 127, 128, 4096, 10_000])('a file of %i strange bytes', (bytes) => {
    writeFileSync(file, Buffer.alloc(bytes, 'strange'), { mode: 0o600 });
    const foreign = bytes >= 128;
    expectRefused(
      foreign ? 'ERR_PROCLOOM_SEGMENT_FOREIGN' : 'ERR_PROCLOOM_SEGMENT_DAMAGED',
      foreign ? /another layout/ : /too short for a header/,
    );
    expect(readFileSync(file).equals(Buffer.alloc(bytes, 'strange'))).toBe(true);
  });

  test('a file that others may read', () => {
    expect(attempt(directory, 'value', 'it')).toEqual({ gave: 7 });
    chmodSync(file, 0o644);
    expectRefused('ERR_PROCLOOM_SEGMENT_DENIED', /belongs to another user, or others may/);
  });

  test.runIf(isRoot)('a file of another user (as root)', () => {
    expect(attempt(directory, 'value', 'it')).toEqual({ gave: 7 });
    chownSync(file, 65534, 65534);
    expectRefused('ERR_PROCLOOM_SEGMENT_DENIED', /65534/);
  });

  test('one of ours under a second name is as good as the first', () => {
    expect(attempt(directory, 'value', 'it')).toEqual({ gave: 7 });
    linkSync(file, join(directory, 'n.other'));
    expect(attempt(directory, 'value', 'other')).toEqual({ gave: 7 });
  });
});

describe('a segment of ours that was spoilt', () => {
  let whole: Buffer | undefined;

  beforeEach(() => {
    if (whole === undefined) {
      expect(attempt(directory, 'namedArray', 'it', 50_000)).toEqual({ gave: 50_000 });
      whole = readFileSync(file);
    }
    writeFileSync(file, whole, { mode: 0o600 });
  });
  const open = () => attempt(directory, 'namedArray', 'it', 50_000);

  /** The header: magic 0, fingerprint 8, size 16, created 24, kind 32, pid 36, stamp 40. */
  function patch(offset: number, bytes: Buffer): void {
    const content = readFileSync(file);
    bytes.copy(content, offset);
    writeFileSync(file, content);
  }

  test('was good before', () => {
    expect(open()).toEqual({ gave: 50_000 });
  });

  test('another layout: both fingerprints are told', () => {
    patch(8, Buffer.from('0123456789abcdef', 'hex'));
    const { name, code, message } = open();
    expect({ name, code }).toEqual({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_FOREIGN' });
    expect(message).toContain('efcdab8967452301');
    expect(message).toMatch(/same version; unlink\(name\) removes what an older one left/);
    // And so it does.
    const mended = attemptAll(directory, [
      ['unlink', 'it'],
      ['namedArray', 'it', 50_000],
    ]);
    expect(mended).toEqual([{ gave: true }, { gave: 50_000 }]);
  });

  test.each<[string, number, string, string]>([
    ['no magic', 0, '0000000000000000', 'FOREIGN'],
    ['no stamp', 40, '00000000', 'FOREIGN'],
    ['another kind', 32, '03000000', 'MISMATCH'],
    ['a kind that there is not', 32, 'ffffff7f', 'MISMATCH'],
    ['a size beyond the file', 16, '0000000001000000', 'DAMAGED'],
    ['no size', 16, '0000000000000000', 'DAMAGED'],
    ['the largest size', 16, 'ffffffffffffffff', 'DAMAGED'],
    ['a size that is too small', 16, '0001000000000000', 'DAMAGED'],
  ])('%s', (_what, offset, hex, code) => {
    patch(offset, Buffer.from(hex, 'hex'));
    expect(open()).toMatchObject({ name: 'SegmentError', code: `ERR_PROCLOOM_SEGMENT_${code}` });
  });

  test.each([0, 10, 127, 128, 4096, 40_000])('truncated to %i bytes', (bytes) => {
    truncateSync(file, bytes);
    expect(open()).toMatchObject({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_DAMAGED' });
    expect(lstatSync(file).size, 'nothing was mended').toBe(bytes);
  });

  // The cell stands behind the header (128 bytes), then the numbers and the shape of the array.
  test.each(['ffffff7f', '00000000', 'ffffffff', '40420f00'])('%s in any word', (nonsense) => {
    const { gave } = attempt(directory, 'spoilEachWord', 'it', 50_000, 0, 192, nonsense);
    const outcomes = gave as [offset: number, outcome: unknown][];
    expect(outcomes.length).toBe(48);
    for (const [offset, outcome] of outcomes) {
      expect([50_000, 'SegmentError'], `at ${offset}`).toContain(outcome);
    }
  });
});

test('strange files in the directory hinder nobody, and stay', () => {
  const strange = ['s.0123456789abcdef', 'n.strange', 'x', 'registry-0000000000000000', 'bell-7', '.hidden'];
  for (const name of strange) writeFileSync(join(directory, name), 'strange', { mode: 0o600 });
  symlinkSync('/nonexistent', join(directory, 's.fedcba9876543210'));
  mkdirSync(join(directory, 's.0000000000000001'));
  expect(attemptAll(directory, [['lock'], ['array', 100_000]])).toEqual([{ gave: true }, { gave: 100_000 }]);
  for (const name of ['n.strange', 'x', '.hidden']) {
    expect(readFileSync(join(directory, name), 'utf8')).toBe('strange');
  }
});
