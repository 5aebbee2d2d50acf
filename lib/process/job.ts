/**
 * What a child is told, as its parent writes it and its bootstrap reads it.
 *
 *     environment PROCLOOM_JOB: head as JSON, or where it is too long '#' and the reference of its memory
 *     shared memory, head.body: taken:u32 │ codec:u32 │ bytes:u32 │ body as an encoded value
 *
 * The head says who the child is and what it runs; arguments that JSON carries exactly are in it, too. All other values
 * are the body. The head alone needs neither the codec nor the addon, so a child that has no body starts sooner; and it
 * must be read first, for it names the modules without which the body could not be read.
 *
 * `taken` is set by the child when it has opened what the body refers to. The parent looks at it only to know who lets
 * go of the references.
 */
import type { ParentIdentity } from './identity.js';
import type { StartMethod } from './start-method.js';
import type { TargetReference } from '../target/target.js';

export const JOB_VARIABLE = 'PROCLOOM_JOB';

export interface JobHead {
  name: string;
  path: readonly number[];
  daemon: boolean;
  /** base64 */
  authkey: string;
  parent: ParentIdentity;
  /** process.argv of the parent from its second element on. */
  argv: string[];
  /** What the parent's default is; null if nobody fixed it. */
  startMethod: StartMethod | null;
  target?: TargetReference | undefined;
  /** The subclass of Process whose run() is to be called. */
  class?: TargetReference | undefined;
  /** The arguments, where there is no body. */
  args?: unknown[];
  /** The reference of the body's memory, and the kinds of shareables in it. */
  body?: { reference: string; kinds: string[] };
}

export interface JobBody {
  args: unknown[];
  kwargs: Record<string, unknown> | undefined;
  /** Of an object of a subclass: its own properties. */
  fields: Record<string, unknown> | undefined;
}

/** The words before the body. */
export const TAKEN = 0;
export const CODEC = 1;
export const BYTES = 2;
export const PREFIX_BYTES = 12;
