// No more shared memory: said with what was asked and what is free, never a SIGBUS, and what is there stays intact.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { attempt, type Outcome } from './attempt.js';

const MIB = 1 << 20;
const SIZE = 8 * MIB;

/** Only root may mount, and not in every container. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const place = mkdtempSync('/tmp/procloom-mount-');
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', 'none', place]).status !== 0) return false;
    execFileSync('umount', [place]);
    return true;
  } finally {
    rmSync(place, { recursive: true });
  }
}

function expectNoSpace(failure: Outcome | undefined): { asked: number; free: number } {
  expect(failure).toMatchObject({ name: 'SegmentError', code: 'ERR_PROCLOOM_SEGMENT_NO_SPACE' });
  const numbers = /: (\d+) bytes of shared memory were asked for and (\d+) are free/.exec(failure!.message!);
  expect(numbers, failure!.message).not.toBeNull();
  expect(failure!.message).toMatch(/Free some, or give \/dev\/shm more room/);
  return { asked: Number(numbers![1]), free: Number(numbers![2]) };
}

describe.runIf(canMount())('a tmpfs of 8 MiB (as root)', () => {
  let mounted: string;
  let directory: string;

  beforeAll(() => {
    mounted = mkdtempSync(join(process.env['TMPDIR']!, 'tmpfs-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'none', mounted]);
  });
  beforeEach(() => {
    directory = join(mounted, 'private');
    rmSync(directory, { recursive: true, force: true });
  });
  afterAll(() => {
    execFileSync('umount', [mounted]);
    rmSync(mounted, { recursive: true });
  });
  const free = () => statfsSync(mounted).bavail * statfsSync(mounted).bsize;

  test('an array that is too large: how much was asked and is free', () => {
    const numbers = expectNoSpace(attempt(directory, 'array', 10 * MIB));
    expect(numbers.asked).toBeGreaterThanOrEqual(10 * MIB);
    expect(numbers.free).toBeGreaterThan(4 * MIB);
    expect(numbers.free).toBeLessThanOrEqual(SIZE);
    expect(attempt(directory, 'array', 4 * MIB)).toEqual({ gave: 4 * MIB });
  });

  test('one with a name leaves no name behind', () => {
    expectNoSpace(attempt(directory, 'namedArray', 'large', 10 * MIB));
    expect(attempt(directory, 'unlink', 'large')).toEqual({ gave: false });
  });

  test.each([100, 10_000, 300_000, 1_000_000])('a queue of items of %i bytes stays whole, and goes on', (bytes) => {
    const { gave, ...failed } = attempt(directory, 'fillQueue', bytes);
    expect(failed).toEqual({});
    const { count, size, failures, again } = gave as {
      count: number;
      size: number;
      failures: Outcome[];
      again: string;
    };
    expect(failures.length).toBe(3);
    failures.forEach(expectNoSpace);
    expect(count).toBeGreaterThanOrEqual(1);
    // Where there is no room for a large ring, small ones fill what there is.
    if (bytes >= 10_000) expect(count * bytes).toBeGreaterThan(SIZE / 2);
    expect(size).toBe(count);
    expect(again).toBe('again');
  });

  test.each([1_000, 1_000_000])('a pipe of messages of %i bytes stays whole, and goes on', (bytes) => {
    const { gave } = attempt(directory, 'fillPipe', bytes);
    const { count, failures, again } = gave as { count: number; failures: Outcome[]; again: string };
    for (const failure of failures) if (failure.name !== 'TimeoutError') expectNoSpace(failure);
    expect(count).toBeGreaterThanOrEqual(1);
    expect(again).toBe('again');
  });

  test('values until nothing is left keep what they hold', () => {
    const { gave } = attempt(directory, 'fillValues');
    const { count, intact, failures } = gave as { count: number; intact: boolean; failures: Outcome[] };
    failures.forEach(expectNoSpace);
    expect(count).toBeGreaterThan(100);
    expect(intact).toBe(true);
  });

  test('everything is given back', () => {
    expect(free()).toBe(SIZE);
  });

  test('full to the last byte: even the registry finds no room, and says so', () => {
    mkdirSync(directory, { mode: 0o700 });
    const filler = join(mounted, 'filler');
    writeFileSync(filler, Buffer.alloc(free()));
    expect(expectNoSpace(attempt(directory, 'lock')).free).toBe(0);
    rmSync(filler);
    expect(attempt(directory, 'lock')).toEqual({ gave: true });
  });
});
