/** Parts of bytes, as sendBytes() and recvBytesInto() take them. */
import { checkInteger, checkOptions, invalidArgument } from '../errors/arguments.js';

export interface BytesPart {
  view: ArrayBufferView;
  offset: number;
  size: number;
}

/** Checks `bytes`, `offset` and `size` against each other. */
export function bytesPart(
  bytes: ArrayBufferView | ArrayBuffer,
  options: { offset?: number; size?: number } | undefined,
): BytesPart {
  let view: ArrayBufferView;
  if (ArrayBuffer.isView(bytes)) view = bytes;
  else if (bytes instanceof ArrayBuffer) view = new Uint8Array(bytes);
  else throw invalidArgument(TypeError, 'bytes must be a Buffer, a typed array, a DataView or an ArrayBuffer', bytes);
  const offset = checkInteger('offset', options?.offset ?? 0, 0, view.byteLength);
  const size = checkInteger('size', options?.size ?? view.byteLength - offset, 0, view.byteLength - offset);
  return { view, offset, size };
}

/** Where a message is to go in `into`. */
export function intoOffset(into: ArrayBufferView, options: { offset?: number } | undefined): number {
  if (!ArrayBuffer.isView(into)) {
    throw invalidArgument(TypeError, 'into must be a Buffer, a typed array or a DataView', into);
  }
  return checkInteger('offset', checkOptions(options)?.offset ?? 0, 0, into.byteLength);
}
