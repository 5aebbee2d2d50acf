/**
 * Where the quickest verbs find their handle: an argument costs them as much as their work. Write it, then call; nothing
 * of this thread can come in between.
 *
 *     quick[0] = this.handle;
 *     const status = lockRelease();
 */
import { native } from './loader.js';
import { statusError } from './status-error.js';

function find(): Uint32Array {
  const array = native.quick();
  if (typeof array === 'number') throw statusError(array, 'loading procloom');
  return array;
}

/** One handle. */
export const quick: Uint32Array = find();
