/**
 * What a start method gives: a child that was started, as far as methods differ in it. What they have in common is
 * Child's (../child.ts).
 */
import type { ResourceLimits } from 'node:worker_threads';

import type { Handle } from '../../addon/native.js';
import type { JobText } from '../sent-job.js';

/** What the child is to have, beside its job. */
export interface StartOptions {
  /** For messages. */
  name: string;
  env?: NodeJS.ProcessEnv | undefined;
  execArgv?: readonly string[] | undefined;
  cwd?: string | undefined;
  stdio: 'inherit' | 'pipe' | 'ignore';
  resourceLimits?: ResourceLimits | undefined;
}

export interface Started {
  readonly pid: number;
  /** The pid, or the number of the thread. */
  readonly ident: number;
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  /** Tells of its end, once, on the event loop: its exit code as Python's. */
  onEnd(listener: (exitcode: number) => void): void;
  /**
   * Waits so long for its end, blocking this thread; less than zero is for ever. Its exit code, or null when the time
   * passed first.
   */
  look(timeoutMs: number): number | null;
  /** Whether it needs nothing more of this process than its job. */
  readonly standsAlone: boolean;
  /** An event that is set at its end, where the system tells nobody who blocks. */
  readonly endEvent?: Handle;
  /** Not called once its end is known. */
  signal(signal: NodeJS.Signals): void;
  /** Whether it keeps this process alive; it does at first. */
  ref(): void;
  unref(): void;
}

/** @throws ProcessError when the system does not start it; nothing is left then */
export type Start = (job: JobText, options: StartOptions) => Started;
