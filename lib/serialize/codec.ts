/**
 * Values into messages and back.
 *
 *     encode(value, scratch) ──► { codec, buffer, start, end, shareables }      (buffer: scratch, own, or the value's)
 *     decode(codec, buffer, start, end) ──► value                               (copied: buffer may be reused at once)
 */
export { decode } from './decode.js';
export { encode, type Encoded } from './encode.js';
