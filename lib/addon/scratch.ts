/** What the verbs `put` and `get` copy from and to (quick.ts); for those who have messages only. */
import { native } from './loader.js';
import { memoryOrThrow } from './status-error.js';

const bytes = memoryOrThrow(native.scratch(), 'loading procloom');
export const scratch: Buffer = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
