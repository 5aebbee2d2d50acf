/**
 * Where the quickest verbs find what they are to know, and leave what they tell: an argument costs them as much as their
 * work. Write it, then call; nothing of this thread can come in between.
 *
 *     quick[HANDLE] = this.handle;
 *     const status = lockRelease();
 */
import { native } from './loader.js';
import { memoryOrThrow } from './status-error.js';

/** The handle of the object. */
export const HANDLE = 0;
/** Of put and get: 0 not to wait, else as long as it takes. */
export const WAITS = 1;
/** Of put and get: how many bytes of the scratch the message has. */
export const SIZE = 2;
/** Of put and get: how it is encoded. */
export const CODEC = 3;
/** Of an event: its state where a wait began. */
export const BEGUN = 4;

export const quick: Uint32Array = memoryOrThrow(native.quick(), 'loading procloom');
