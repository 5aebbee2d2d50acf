/** What the system refuses a thread. */
import { closeSync, openSync } from 'node:fs';

import { createError } from '../../errors/codes.js';
import type { ProcessError } from '../../errors/errors.js';

/** Those of its event loop, of a module that it loads, of its doorbell. */
const DESCRIPTORS = 8;

export function threadRefused(asked: string, why: string, cause?: unknown): ProcessError {
  return createError('ERR_PROCLOOM_SPAWN', asked, {
    why: `the system refused to start a thread: ${why}`,
    cause,
  });
}

/**
 * A thread without descriptors ends before it has begun, which Node tells in the event loop alone: who blocks would wait
 * for ever. So it is looked whether there are some.
 *
 * @throws ProcessError when there are none
 */
export function checkDescriptors(asked: string): void {
  const open: number[] = [];
  try {
    while (open.length < DESCRIPTORS) open.push(openSync('/dev/null', 'r'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EMFILE' || code === 'ENFILE') throw threadRefused(asked, `it needs descriptors (${code})`, error);
  } finally {
    for (const fd of open) closeSync(fd);
  }
}
