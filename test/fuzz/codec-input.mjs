// One input of the fuzzing of the codec: what must hold for any bytes that are read as a message.
//
//   byte 0: the codec; then the message
import assert from 'node:assert/strict';

import { ProcloomError, SerializeError } from '../../dist/errors/errors.js';
import { decode, encode } from '../../dist/serialize/codec.js';
import { registerShareable, registerSharedBuffer } from '../../dist/serialize/shareables.js';

/** An object that travels as a reference, so that the tokens of those are read too. */
class Stub {
  memory = new ArrayBuffer(64);
  constructor(id) {
    this.id = id;
    registerSharedBuffer(this.memory, this);
  }
}
export const STUB_KIND = 'stub';
registerShareable(Stub, {
  kind: STUB_KIND,
  describe: ({ id }) => id,
  revive(id) {
    assert.equal(typeof id, 'number');
    return new Stub(id);
  },
  buffer: ({ memory }) => memory,
});

/** Longer ones are only read: nothing new is to be seen by writing them again. */
const LONGEST_WRITTEN = 4096;
const scratch = Buffer.alloc(1 << 16);

function written(value) {
  const { codec, buffer, start, end } = encode(value, scratch);
  return { codec, bytes: Buffer.from(buffer.subarray(start, end)) };
}

/** The value, in an array of its own; undefined when it was refused as it should be. Others' bytes lie around the message. */
function read({ codec, bytes }) {
  const around = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.alloc(9, 0x41)]);
  try {
    return [decode(codec, around, 3, 3 + bytes.length)];
  } catch (error) {
    if (error instanceof ProcloomError) return undefined;
    throw error;
  }
}

/**
 * Throws unless the bytes are refused with an error of ours, or are a value that can be sent on: written again, read and
 * written once more, it gives the same bytes. (Not those that came in: the same value can be written in other ways.)
 *
 * @returns whether they were a value
 */
export function checkMessage(input) {
  const message = { codec: (input[0] ?? 0) & 15, bytes: Buffer.from(input.subarray(1)) };
  const value = read(message);
  if (value === undefined) return false;
  if (message.bytes.length > LONGEST_WRITTEN) return true;
  let first;
  try {
    first = written(value[0]);
  } catch (error) {
    // The writer needs more of the stack than the reader.
    if (error instanceof SerializeError && /nested too deeply/.test(error.message)) return true;
    throw error;
  }
  const again = read(first);
  assert.ok(again !== undefined, 'what was written again cannot be read');
  assert.deepEqual(written(again[0]), first);
  return true;
}
