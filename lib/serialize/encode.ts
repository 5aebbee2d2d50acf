/**
 * Values into messages: the choice of the codec.
 *
 * The result of encode() is one object that is used again by the next call: take out of it what you need first.
 */
import {
  CODEC_BYTES,
  CODEC_LINKED_VALUE,
  CODEC_ONE_BYTE_STRING,
  CODEC_TWO_BYTE_STRING,
  CODEC_VALUE,
} from './codec-tags.js';
import { ownerOfBuffer } from './shareables.js';
import { ValueWriter } from './writer.js';

/** An encoded value: `buffer[start, end)`, to be read by `codec`. */
export interface Encoded {
  codec: number;
  buffer: Buffer;
  start: number;
  end: number;
  /** The shareables in the value, each once; undefined for none. They must live until the value is decoded. */
  shareables: object[] | undefined;
}

const beyondOneByte = /[\u0100-\uffff]/;
const nothing = Buffer.alloc(0);
const encoded: Encoded = { codec: 0, buffer: nothing, start: 0, end: 0, shareables: undefined };
const mainWriter = new ValueWriter();
let writing = false;

/**
 * Encodes the value into the scratch from its start, or into a buffer of its own when it is longer than that; a Buffer is
 * its own encoding and is not copied.
 *
 * @throws SerializeError with the path to the part that cannot travel; nothing was sent then
 */
export function encode(value: unknown, scratch: Buffer): Encoded {
  if (typeof value === 'string') return encodeString(value, scratch);
  if (Buffer.isBuffer(value) && ownerOfBuffer(value.buffer) === undefined) {
    return done(CODEC_BYTES, value, value.length, undefined);
  }
  // A getter may encode something while its object is being encoded: with a writer and memory of its own.
  const nested = writing;
  const writer = nested ? new ValueWriter() : mainWriter;
  writing = true;
  try {
    writer.write(value, nested ? Buffer.allocUnsafeSlow(4096) : scratch);
    return done(writer.linked ? CODEC_LINKED_VALUE : CODEC_VALUE, writer.buffer, writer.position, writer.shareables);
  } finally {
    writing = nested;
    writer.forget(scratch);
  }
}

function done(codec: number, buffer: Buffer, end: number, shareables: object[] | undefined): Encoded {
  encoded.codec = codec;
  encoded.buffer = buffer;
  encoded.start = 0;
  encoded.end = end;
  encoded.shareables = shareables;
  return encoded;
}

function encodeString(value: string, scratch: Buffer): Encoded {
  if (beyondOneByte.test(value)) {
    const bytes = value.length * 2;
    const buffer = bytes <= scratch.length ? scratch : Buffer.allocUnsafeSlow(bytes);
    return done(CODEC_TWO_BYTE_STRING, buffer, buffer.write(value, 0, bytes, 'utf16le'), undefined);
  }
  const buffer = value.length <= scratch.length ? scratch : Buffer.allocUnsafeSlow(value.length);
  return done(CODEC_ONE_BYTE_STRING, buffer, buffer.write(value, 0, value.length, 'latin1'), undefined);
}
