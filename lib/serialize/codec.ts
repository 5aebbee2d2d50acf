/**
 * Values into messages and back.
 *
 *     encode(value, scratch) ──► { codec, buffer, end, parts, shareables }          (buffer: scratch, own, or the value's)
 *     flat(encoded)          ──► bytes                                              (those of the message, copied)
 *     decode(codec, buffer, start, end) ──► value                               (copied: buffer may be reused at once)
 */
export { decode } from './decode.js';
export { encode, type Encoded, flat, isEncoding, letGo } from './encode.js';
