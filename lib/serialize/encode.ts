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
import type { Parts } from './parts.js';
import { ownerOfBuffer } from './shareables.js';
import { ValueWriter } from './writer.js';

/** An encoded value: `buffer[0, end)` with `parts` between its bytes, to be read by `codec`. */
export interface Encoded {
  codec: number;
  buffer: Buffer;
  end: number;
  /** Large memory of the value that belongs into the message, and where; undefined for none. */
  parts: Parts | undefined;
  /** The shareables in the value, each once; undefined for none. They must live until the value is decoded. */
  shareables: object[] | undefined;
}

const beyondOneByte = /[\u0100-\uffff]/;
const nothing = Buffer.alloc(0);
const encoded: Encoded = { codec: 0, buffer: nothing, end: 0, parts: undefined, shareables: undefined };
const mainWriter = new ValueWriter();
let writing = false;

/** Whether a value is being encoded, so that this code is one of its getters: the scratch holds what there is of it. */
export function isEncoding(): boolean {
  return writing;
}

/**
 * Encodes the value into the scratch from its start, or into a buffer of its own when it is longer than that; a Buffer is
 * its own encoding and is not copied. Nor is large memory in the value: put what comes of it, or make it flat(), before
 * anything else can happen.
 *
 * @throws SerializeError with the path to the part that cannot travel; nothing was sent then
 */
export function encode(value: unknown, scratch: Buffer): Encoded {
  // A getter may encode something while its object is being encoded: with a writer and memory of its own.
  const nested = writing;
  if (typeof value === 'string') return encodeString(value, nested ? nothing : scratch);
  if (Buffer.isBuffer(value) && ownerOfBuffer(value.buffer) === undefined) {
    return done(CODEC_BYTES, value, value.length);
  }
  const writer = nested ? new ValueWriter() : mainWriter;
  writing = true;
  try {
    writer.write(value, nested ? Buffer.allocUnsafeSlow(4096) : scratch);
    const { linked, buffer, position, parts } = writer;
    parts?.check(position);
    return done(linked ? CODEC_LINKED_VALUE : CODEC_VALUE, buffer, position, parts, writer.shareables);
  } finally {
    writing = nested;
    writer.forget(scratch);
  }
}

function done(codec: number, buffer: Buffer, end: number, parts?: Parts, shareables?: object[]): Encoded {
  encoded.codec = codec;
  encoded.buffer = buffer;
  encoded.end = end;
  encoded.parts = parts;
  encoded.shareables = shareables;
  return encoded;
}

/** encode() keeps its result for the next call: neither large memory nor open objects may live as long as that. */
export function letGo(encoded: Encoded): void {
  encoded.buffer = nothing;
  encoded.parts = undefined;
  encoded.shareables = undefined;
}

/** The whole message in memory of its own, behind so many bytes that are the caller's to write. */
export function flat({ buffer, end, parts }: Encoded, before = 0): Buffer {
  const whole = Buffer.allocUnsafeSlow(before + end + (parts?.size ?? 0));
  let at = before;
  let written = 0;
  const append = (bytes: Uint8Array) => {
    whole.set(bytes, at);
    at += bytes.length;
  };
  parts?.bytes.forEach((bytes, i) => {
    const position = parts.positions[i]!;
    append(buffer.subarray(written, position));
    append(bytes);
    written = position;
  });
  append(buffer.subarray(written, end));
  return whole;
}

function encodeString(value: string, scratch: Buffer): Encoded {
  if (beyondOneByte.test(value)) {
    const bytes = value.length * 2;
    const buffer = bytes <= scratch.length ? scratch : Buffer.allocUnsafeSlow(bytes);
    return done(CODEC_TWO_BYTE_STRING, buffer, buffer.write(value, 0, bytes, 'utf16le'));
  }
  const buffer = value.length <= scratch.length ? scratch : Buffer.allocUnsafeSlow(value.length);
  return done(CODEC_ONE_BYTE_STRING, buffer, buffer.write(value, 0, value.length, 'latin1'));
}
