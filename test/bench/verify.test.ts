import { describe, expect, it } from 'vitest';

import { Binary } from '../../bench/data/binary.js';
import { verifyBytes } from '../../bench/verify/bytes.js';
import { Landing } from '../../bench/verify/landing.js';
import { latencies } from '../../bench/verify/latencies.js';
import { Mismatch } from '../../bench/verify/mismatch.js';
import { verifyObjects, verifyObjectsInAnyOrder } from '../../bench/verify/objects.js';
import { verifyTotal } from '../../bench/verify/total.js';

const binary = new Binary(64);
const FIRST = 1000;
const COUNT = 50;

/** The messages of a lap, each in memory of its own, to be spoilt. */
function sent(): Buffer[] {
  return binary.lap(FIRST, COUNT).map((message) => Buffer.from(message));
}

const ways = {
  'kept as they came': (messages: Buffer[]) => {
    const landing = new Landing(64, COUNT + 1);
    landing.clear();
    for (const message of messages) landing.keep(message);
    return landing;
  },
  'written in place': (messages: Buffer[]) => {
    const landing = new Landing(64, COUNT + 1);
    landing.clear();
    let end = 0;
    messages.forEach((message, i) => {
      message.copy(landing.bytes, end);
      landing.lengths[i] = message.length;
      end += message.length;
    });
    landing.landed(messages.length, end);
    return landing;
  },
  'looked at where they lay': (messages: Buffer[]) => {
    const landing = new Landing(64, COUNT + 1);
    landing.clear();
    landing.expect(binary, FIRST);
    for (const message of messages) landing.look(message);
    return landing;
  },
};

describe.each(Object.entries(ways))('bytes, %s', (_way, land) => {
  const verify = (messages: Buffer[]) => () => verifyBytes(binary, FIRST, COUNT, land(messages));

  it('pass when they are what was sent', () => {
    expect(verify(sent())()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('fail for one bit', () => {
    const messages = sent();
    messages[17][5] ^= 1;
    expect(verify(messages)).toThrow(Mismatch);
    expect(verify(messages)).toThrow(/message 17 is the first that differs/);
  });

  it('fail for a lost message', () => {
    expect(verify(sent().toSpliced(20, 1))).toThrow(/50 messages were sent, 49 were received/);
  });

  it('fail for a doubled message, also where the number is right', () => {
    const messages = sent();
    expect(verify(messages.toSpliced(20, 0, messages[20]))).toThrow(/50 messages were sent, 51 were received/);
    expect(verify(messages.toSpliced(20, 1, messages[19]))).toThrow(/message 20 is the first that differs/);
  });

  it('fail for messages that changed places', () => {
    const messages = sent();
    [messages[3], messages[4]] = [messages[4], messages[3]];
    expect(verify(messages)).toThrow(/message 3 is the first that differs/);
  });

  it('fail for a border that moved, although the bytes are the same', () => {
    const messages = sent();
    const both = Buffer.concat([messages[8], messages[9]]);
    messages[8] = both.subarray(0, 63);
    messages[9] = both.subarray(63);
    expect(verify(messages)).toThrow(/message 8 of 50 was sent with 64 bytes and received with 63/);
  });
});

it('a lap that was not written fails, although the lap before stood there', () => {
  const landing = ways['written in place'](sent());
  verifyBytes(binary, FIRST, COUNT, landing);
  landing.clear();
  landing.lengths.fill(64);
  landing.landed(COUNT, COUNT * 64);
  expect(() => verifyBytes(binary, FIRST, COUNT, landing)).toThrow(/message 0 is the first that differs/);
});

describe('objects', () => {
  const records = [
    { id: 1, tags: ['a'] },
    { id: 2, tags: ['b'] },
    { id: 3, tags: [] },
  ];
  const right = [records[1], records[2], records[0], records[1]];

  it('pass when they are what was sent', () => {
    expect(verifyObjects(records, 1, 4, structuredClone(right))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('fail for a differing, lost or doubled one', () => {
    expect(() => verifyObjects(records, 1, 4, right.with(2, { id: 1, tags: ['A'] }))).toThrow(/object 2 is the first/);
    expect(() => verifyObjects(records, 1, 4, right.slice(1))).toThrow(/4 objects were sent, 3 were received/);
    expect(() => verifyObjects(records, 1, 4, [...right, records[2]])).toThrow(/4 objects were sent, 5 were received/);
    expect(() => verifyObjects(records, 1, 4, right.with(3, right[2]))).toThrow(/object 3 is the first/);
  });

  it('fail for one that lost its shape', () => {
    expect(() => verifyObjects(records, 1, 4, right.with(0, undefined as never))).toThrow(Mismatch);
  });
});

describe('objects in any order', () => {
  const records = [{ id: 1 }, { id: 2 }, { id: 3 }];
  const verify = (received: unknown[]) => () => verifyObjectsInAnyOrder(records, 1, 4, received);

  it('pass when each came as often as it was sent', () => {
    expect(verify([{ id: 2 }, { id: 2 }, { id: 1 }, { id: 3 }])).not.toThrow();
  });

  it('fail for a differing, lost or doubled one', () => {
    expect(verify([{ id: 2 }, { id: 2 }, { id: 1 }])).toThrow(/4 objects were sent, 3 were received/);
    expect(verify([{ id: 2 }, { id: 2 }, { id: 1 }, { id: 4 }])).toThrow(/not sent, or not so often: {"id":4}/);
    expect(verify([{ id: 2 }, { id: 1 }, { id: 1 }, { id: 3 }])).toThrow(/not sent, or not so often: {"id":1}/);
  });
});

it('a total has to be exact', () => {
  expect(() => verifyTotal(10, 10)).not.toThrow();
  expect(() => verifyTotal(10, 9)).toThrow(/10 increments made a total of 9/);
});

describe('wakes', () => {
  const waking = Float64Array.of(100, 200, 300);

  it('take the time from the one clock to the other', () => {
    expect([...latencies(waking, [110, 200, 350])]).toEqual([10, 0, 50]);
  });

  it('fail when one is missing, too early, or out of its turn', () => {
    expect(() => latencies(waking, [110, 210])).toThrow(/3 times the waiter was to wake, 2 times it did/);
    expect(() => latencies(waking, [110, 199, 310])).toThrow(/wake 1 was at 199, but was only made at 200/);
    expect(() => latencies(waking, [110, NaN, 310])).toThrow(Mismatch);
    expect(() => latencies(waking, [110, 310, 320])).toThrow(/wake 2 was made at 300, when the waiter had not yet run/);
  });
});
