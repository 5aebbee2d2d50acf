/**
 * What a thread and its parent share while it lives, and what it is given at its start.
 *
 *     PHASE   STARTING ─ the thread ─► TAKEN ─ its end will be announced ─► BEGUN ─ all is loaded ─► RUNNING
 *                    └── the parent ─► CALLED_OFF: it will never begin
 *     CAUSE   0 ─ who is first ─► OWN_END (CODE has its exit code), or minus the signal that its parent ended it by
 *     TOLD    1 when the thread itself has printed the error that ends it
 */
import type { MessagePort } from 'node:worker_threads';

export const PHASE = 0;
export const CAUSE = 1;
export const CODE = 2;
export const TOLD = 3;
export const WORDS = 4;

export const STARTING = 0;
export const TAKEN = 1;
export const BEGUN = 2;
export const RUNNING = 3;
export const CALLED_OFF = 4;

export const OWN_END = 1;

/** Where its output goes: into ports, to the descriptors of the process, nowhere, or where Node leads it. */
export type Output = { stdout: MessagePort; stderr: MessagePort } | 'descriptors' | 'nowhere' | 'parent';

export interface ThreadData {
  /** See job.ts. */
  job: string;
  words: Int32Array;
  /** The reference of the event that is set when the thread's environment is gone. */
  event: string;
  /** Nothing is said on it: it is closed when the thread has ended, whatever that was doing. */
  line: MessagePort;
  output: Output;
  /** Instead of the variables that it inherits. */
  env: NodeJS.ProcessEnv | undefined;
  /** In addition to either. */
  ownVariables: Record<string, string>;
}
