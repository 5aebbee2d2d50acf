/** Python's `if __name__ == '__main__'`. */
import { isMainThread } from 'node:worker_threads';

import { ownIdentity } from './identity.js';

/**
 * True where the program's main module runs as main: neither in a child that imports it to find its target, nor in a
 * worker thread. What a main module does, and does not only define, stands in `if (isMainProcess()) { … }`.
 */
export function isMainProcess(): boolean {
  return isMainThread && ownIdentity().parent === undefined;
}
