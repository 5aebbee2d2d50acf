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
