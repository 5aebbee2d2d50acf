/** Verifies a lap of bytes: how many messages, how long each, and the SHA-256 of all, against the receiver's own reading of the file. */
import { createHash } from 'node:crypto';
import type { Binary } from '../data/binary.js';
import type { Landing } from './landing.js';
import { Mismatch } from './mismatch.js';

/** The digest that `count` messages from place `first` of the circle must have, taken from the file by arithmetic alone. */
export function expectedDigest(binary: Binary, first: number, count: number): string {
  const hash = createHash('sha256');
  let place = first % binary.messages;
  for (let left = count; left > 0;) {
    const run = Math.min(left, binary.messages - place);
    hash.update(binary.bytes.subarray(binary.range(place).start, binary.range(place + run - 1).end));
    left -= run;
    place = 0;
  }
  return hash.digest('hex');
}

/** Throws a {@link Mismatch} that says what differs; returns the digest. */
export function verifyBytes(binary: Binary, first: number, count: number, landing: Landing): string {
  const { lengths, bytes } = landing.settle();
  if (lengths.length !== count) throw new Mismatch(`${count} messages were sent, ${lengths.length} were received`);
  for (let i = 0; i < count; i++) {
    const { start, end } = binary.range(first + i);
    if (lengths[i] !== end - start) {
      throw new Mismatch(`message ${i} of ${count} was sent with ${end - start} bytes and received with ${lengths[i]}`);
    }
  }
  const expected = expectedDigest(binary, first, count);
  if (bytes === undefined) {
    if (landing.differing < 0) return expected;
    throw new Mismatch(`${count} messages were looked at; message ${landing.differing} is the first that differs`);
  }
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected) {
    throw new Mismatch(
      `${count} messages of ${binary.messageBytes} bytes were received with SHA-256 ${actual}, the file says ${expected}; ` +
        firstDifference(binary, first, count, bytes),
    );
  }
  return actual;
}

function firstDifference(binary: Binary, first: number, count: number, bytes: Uint8Array): string {
  let at = 0;
  for (let i = 0; i < count; i++) {
    const message = binary.message(first + i);
    if (message.compare(bytes, at, at + message.length) !== 0) return `message ${i} is the first that differs`;
    at += message.length;
  }
  return 'no single message differs';
}
