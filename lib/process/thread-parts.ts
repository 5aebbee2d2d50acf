/**
 * What a thread needs once it is clear that it is to begin. It waits for each module that is imported here, so the addon is
 * loaded as it is, and what makes errors of its statuses only for an error.
 */
import { createRequire } from 'node:module';

import type { Native } from '../addon/native.js';

export { runJob } from './run-job.js';
export { directOutput } from './start/direct-output.js';

export function loadAddon(file: string): Native {
  return createRequire(import.meta.url)(file) as Native;
}

/** Has the event set when this thread's environment is gone, however it ends. */
export async function announceEnd(native: Native, reference: string): Promise<void> {
  const event = native.open(reference, native.kind.EVENT);
  if (event < 0) throw (await import('../addon/status-error.js')).statusError(event, 'start of a thread');
  native.announceEnd(event);
  native.close(event);
}
