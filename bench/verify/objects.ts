/** Verifies a lap of objects: how many, and the SHA-256 of their JSON, against the receiver's own reading of the file. */
import { createHash } from 'node:crypto';
import { Mismatch } from './mismatch.js';

/** Throws a {@link Mismatch} that says what differs; returns the digest. */
export function verifyObjects(
  records: readonly object[],
  first: number,
  count: number,
  received: readonly unknown[],
): string {
  if (received.length !== count) throw new Mismatch(`${count} objects were sent, ${received.length} were received`);
  const expectedTexts = records.map((record) => JSON.stringify(record));
  const expected = createHash('sha256');
  const actual = createHash('sha256');
  let differing = -1;
  for (let i = 0; i < count; i++) {
    const expectedText = expectedTexts[(first + i) % records.length];
    const text = JSON.stringify(received[i]);
    if (text !== expectedText && differing < 0) differing = i;
    expected.update(`${expectedText}\n`);
    actual.update(`${text}\n`);
  }
  const expectedHex = expected.digest('hex');
  const actualHex = actual.digest('hex');
  if (actualHex !== expectedHex) {
    throw new Mismatch(
      `${count} objects were received with SHA-256 ${actualHex}, the file says ${expectedHex}; object ${differing} is the first ` +
        `that differs: ${JSON.stringify(received[differing])}`,
    );
  }
  return actualHex;
}

/** The same where several producers were at it: each object as often as it was sent. */
export function verifyObjectsInAnyOrder(
  records: readonly object[],
  first: number,
  count: number,
  received: readonly unknown[],
): void {
  if (received.length !== count) throw new Mismatch(`${count} objects were sent, ${received.length} were received`);
  const left = new Map<string, number>();
  const texts = records.map((record) => JSON.stringify(record));
  for (let i = 0; i < count; i++) {
    const text = texts[(first + i) % records.length];
    left.set(text, (left.get(text) ?? 0) + 1);
  }
  for (const value of received) {
    const text = JSON.stringify(value);
    const times = left.get(text) ?? 0;
    if (times === 0) throw new Mismatch(`an object was received that was not sent, or not so often: ${text}`);
    left.set(text, times - 1);
  }
}
