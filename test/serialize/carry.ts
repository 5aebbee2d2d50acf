// One trip of a value through the codec, with the scratch written over before the result is looked at.
import { decode, encode, flat } from '../../lib/serialize/codec.js';

export interface Message {
  codec: number;
  bytes: Buffer;
}

export function message(value: unknown, scratchBytes = 65536): Message {
  const encoded = encode(value, Buffer.alloc(scratchBytes));
  return { codec: encoded.codec, bytes: flat(encoded) };
}

export function carry<T>(value: T, scratchBytes = 65536): T {
  const { codec, bytes } = message(value, scratchBytes);
  const scratch = Buffer.alloc(bytes.length + 14, 0xee);
  bytes.copy(scratch, 7);
  const result = decode(codec, scratch, 7, 7 + bytes.length);
  scratch.fill(0xee);
  return result as T;
}
