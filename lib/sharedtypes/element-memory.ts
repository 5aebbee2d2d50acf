/** The memory of values and arrays: made or attached. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { orThrow, statusError } from '../addon/status-error.js';
import { checkOptions } from '../errors/arguments.js';
import { checkNameOptions, type NameOptions } from '../memory/shared-object.js';

/** @internal Makes (or attaches to) memory whose first bytes are `initial`. */
export function createMemory(
  kind: number,
  asked: string,
  shape: string,
  bytes: number,
  initial: ArrayBufferView | undefined,
  options: NameOptions | undefined,
): Handle {
  checkOptions(options);
  const { name, opening } = checkNameOptions(options);
  const start =
    initial === undefined ? nothing : new Uint8Array(initial.buffer, initial.byteOffset, initial.byteLength);
  return orThrow(native.memoryCreate(name, opening, kind, shape, bytes, start), asked);
}

const nothing = new Uint8Array(0);

/** @internal The text that was given at creation. */
export function shapeOf(handle: Handle): string {
  const shape = native.memoryShape(handle);
  if (typeof shape === 'number') throw statusError(shape, 'opening shared memory');
  return shape;
}
