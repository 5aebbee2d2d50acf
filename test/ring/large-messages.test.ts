// Messages of any size: more than two gigabytes arrive whole, and the memory that they took is given back.
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { Pipe } from '../../lib/connection/pipe.js';
import { SegmentError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Victim } from '../crash/victim.js';
import { failureOf } from '../memory/failures.js';
import { until } from '../process/program.js';

const MIB = 1 << 20;
const GIB = 2 ** 30;

/** Shared memory that the segments of this test's directory take. */
function inUse(): number {
  let blocks = 0;
  for (const file of readdirSync(native.directory)) {
    if (file.startsWith('s.')) blocks += statSync(join(native.directory, file)).blocks;
  }
  return blocks * 512;
}

/** The ring takes shared memory, the message of zeros next to none, what arrives as much as it is long. */
function hasRoomFor(bytes: number): boolean {
  const { bavail, bsize } = statfsSync(native.directory.replace(/\/[^/]*$/, ''));
  const available = /MemAvailable:\s+(\d+) kB/.exec(readFileSync('/proc/meminfo', 'latin1'));
  return bavail * bsize > 1.2 * bytes && Number(available?.[1] ?? 0) * 1024 > 2.5 * bytes;
}

const LARGE = 2 * GIB + MIB + 5;
/** On both sides of where 31 bits, and signed ones, end. */
const SPOTS = [0, 1, 4095, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, LARGE - 4097, LARGE - 1];

// Nothing waits in them, but a machine under load may take long for so many pages.
const UNHURRIED = { timeout: 300_000 };

describe.runIf(native.body === 'linux' && hasRoomFor(LARGE))('more than 2 GiB (where 5 GiB are free)', () => {
  const expected = SPOTS.map((_, i) => i + 1);
  const spotsOf = (arrived: Uint8Array) => SPOTS.map((at) => arrived[at]);
  function message(): Buffer {
    const bytes = Buffer.alloc(LARGE); // pages of zeros that nobody has written take no memory
    SPOTS.forEach((at, i) => bytes.writeUInt8(i + 1, at));
    return bytes;
  }

  test('sent through a pipe, and read in place', UNHURRIED, () => {
    const [near, far] = Pipe();
    near.sendSync('before');
    expect(far.recvSync()).toBe('before');
    near.sendBytesSync(message());
    expect(inUse()).toBeLessThan(1.13 * LARGE + MIB);
    const borrowed = far.borrowSync();
    expect(borrowed.bytes.length).toBe(LARGE);
    expect(spotsOf(borrowed.bytes)).toEqual(expected);
    borrowed[Symbol.dispose]();
    near.sendSync('after');
    expect(far.recvSync()).toBe('after');
    near.close();
    far.close();
    expect(inUse()).toBeLessThan(MIB);
  });

  test('as a Buffer in a queue, between others', UNHURRIED, () => {
    using queue = new Queue<unknown>();
    queue.putSync('before');
    queue.putSync(message());
    queue.putSync('after');
    expect(queue.qsize()).toBe(3);
    expect(queue.getSync()).toBe('before');
    const arrived = queue.getSync() as Buffer;
    expect(arrived.length).toBe(LARGE);
    expect(spotsOf(arrived)).toEqual(expected);
    expect(queue.getSync()).toBe('after');
  });
});

/** The other body only knows what every POSIX system can: there memory goes with the segment. */
const givesBack = native.body === 'linux';

describe('memory', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.runIf(givesBack)(
    'a ring is hardly larger than its one message, is left after some small ones, and goes with the queue',
    () => {
      const before = inUse();
      const queue = new Queue<unknown>();
      const bytes = Buffer.alloc(100 * MIB);
      for (let round = 0; round < 3; round++) {
        queue.putSync(bytes);
        expect(inUse() - before).toBeGreaterThan(100 * MIB);
        expect(inUse() - before).toBeLessThan(115 * MIB);
        expect((queue.getSync() as Buffer).length).toBe(bytes.length);
        for (let i = 0; i < 100; i++) {
          queue.putSync(i);
          expect(queue.getSync()).toBe(i);
        }
        expect(inUse() - before).toBeLessThan(2 * MIB);
      }
      queue.close();
      expect(inUse()).toBe(before);
    },
  );

  test.runIf(givesBack)('a burst is given back when it is consumed', () => {
    const before = inUse();
    using queue = new Queue<unknown>();
    const item = { body: Buffer.alloc(10_000) };
    for (let i = 0; i < 10_000; i++) queue.putSync(item);
    expect(inUse() - before).toBeGreaterThan(100e6);
    for (let i = 0; i < 10_000; i++) queue.getSync();
    expect(inUse() - before).toBeLessThan(65 * MIB); // one ring of the largest size
    for (let i = 0; i < 5_000; i++) {
      queue.putSync(i);
      queue.getSync();
    }
    expect(inUse() - before).toBeLessThan(2 * MIB);
  });

  test('of a producer killed in the middle of a large put, given back by the next one', async () => {
    const before = inUse();
    using queue = new Queue<unknown>();
    const victim = await Victim.start('putLarge', { before: true }, queue, 400 * MIB);
    await until(() => inUse() - before > 200 * MIB);
    await victim.kill();
    // It was killed while it reserved or copied, unless that was over already.
    const whole = queue.qsize() === 1;
    queue.putSync('next');
    if (whole) expect((queue.getSync() as Buffer).length).toBe(400 * MIB);
    else expect(inUse() - before).toBeLessThan(2 * MIB);
    expect(queue.getSync()).toBe('next');
    expect(queue.empty()).toBe(true);
  });

  test.runIf(givesBack)('of a place that was reserved by one who was killed, or that is given up', async () => {
    const before = inUse();
    const [ours, theirs] = Pipe();
    const victim = await Victim.start('reserve', {}, theirs, 100 * MIB);
    expect(inUse() - before).toBeGreaterThan(100 * MIB);
    await victim.kill();
    theirs.sendSync('next');
    expect(inUse() - before).toBeLessThan(2 * MIB);
    expect(ours.recvSync()).toBe('next');

    theirs.reserveSync(100 * MIB)[Symbol.dispose]();
    expect(inUse() - before).toBeLessThan(2 * MIB);
    theirs.sendSync('and next');
    expect(ours.recvSync()).toBe('and next');
    ours.close();
    theirs.close();
  });

  test('that the receiver does not have: it says so, and the message stays', async () => {
    using queue = new Queue<unknown>();
    const bytes = Buffer.alloc(MIB, 'text');
    queue.putSync(bytes);
    vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    for (const take of [async () => queue.getSync(), () => queue.get()]) {
      const failure = await failureOf(take);
      expect(failure).toBeInstanceOf(SegmentError);
      expect(failure).toMatchObject({ code: 'ERR_PROCLOOM_SYSTEM' });
      expect((failure as Error).message).toMatch(/receiving a message of 1048576 bytes: .* allocation failed/);
    }
    vi.restoreAllMocks();
    expect(queue.qsize()).toBe(1);
    expect((queue.getSync() as Buffer).equals(bytes)).toBe(true);
  });
});
