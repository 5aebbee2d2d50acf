/** What a thread needs once it is clear that it is to begin. */
import { native } from '../addon/loader.js';
import { orThrow } from '../addon/status-error.js';

export { runJob } from './run-job.js';
export { directOutput } from './start/thread-output.js';

/** Has the event set when this thread's environment is gone, however it ends. */
export function announceEnd(reference: string): void {
  const event = orThrow(native.open(reference, native.kind.EVENT), 'start of a thread');
  native.announceEnd(event);
  native.close(event);
}
