/** Messages into values. Apart from encode(), because a child that starts needs only this. */
import { createError } from '../errors/codes.js';
import {
  CODEC_BYTES,
  CODEC_LINKED_VALUE,
  CODEC_ONE_BYTE_STRING,
  CODEC_TWO_BYTE_STRING,
  CODEC_VALUE,
} from './codec-tags.js';
import { ValueReader } from './reader.js';

const mainReader = new ValueReader();
let reading = false;

/**
 * The value of `buffer[start, end)`.
 *
 * @param opened receives the shareables that were opened, also when decoding then failed
 * @throws SerializeError for bytes that are no value; SegmentError when an object in it cannot be opened
 */
export function decode(codec: number, buffer: Buffer, start: number, end: number, opened?: object[]): unknown {
  switch (codec) {
    case CODEC_VALUE:
    case CODEC_LINKED_VALUE:
      return decodeValue(buffer, start, end, codec === CODEC_LINKED_VALUE, opened);
    case CODEC_BYTES: {
      const bytes = Buffer.allocUnsafeSlow(end - start);
      bytes.set(buffer.subarray(start, end));
      return bytes;
    }
    case CODEC_ONE_BYTE_STRING:
      return decodeString(buffer, 'latin1', start, end);
    case CODEC_TWO_BYTE_STRING:
      if ((end - start) % 2 !== 0) throw damaged('half of a character is missing');
      return decodeString(buffer, 'utf16le', start, end);
    default:
      throw damaged(`there is no codec ${codec}`);
  }
}

function damaged(why: string, cause?: unknown): Error {
  return createError('ERR_PROCLOOM_DECODE', 'reading a message', { why, ...(cause === undefined ? {} : { cause }) });
}

function decodeString(buffer: Buffer, encoding: 'latin1' | 'utf16le', start: number, end: number): string {
  try {
    return buffer.toString(encoding, start, end);
  } catch (error) {
    throw damaged((error as Error).message, error); // longer than a string can be
  }
}

function decodeValue(buffer: Buffer, start: number, end: number, linked: boolean, opened?: object[]): unknown {
  // Opening a shareable may decode something in its turn.
  const nested = reading;
  const reader = nested ? new ValueReader() : mainReader;
  reading = true;
  try {
    return reader.read(buffer, start, end, linked);
  } finally {
    reading = nested;
    if (reader.shareables !== undefined) {
      // One by one: as arguments of one call there could be too many.
      if (opened !== undefined) for (const shareable of reader.shareables) opened.push(shareable);
      reader.shareables = undefined;
    }
  }
}
