/**
 * From a status of the addon to the error that people read.
 *
 * This room stands below the addon, so the names of statuses and the facts of the failure come as arguments;
 * lib/addon/status-error.ts binds them to the addon.
 */
import { getSystemErrorName } from 'node:util';

import { codes, createError, type ErrorCode } from './codes.js';
import type { ProcloomError } from './errors.js';

/** What is known of a call that failed (see `Failure` in lib/addon/native.ts). */
export interface FailureFacts {
  errno: number;
  path: string;
  asked: number;
  free: number;
  detail: string;
}

/** One row a status: the code of its error. A status that its caller must handle itself is 'INTERNAL' here. */
export const codeOfStatus: Readonly<Record<string, Exclude<ErrorCode, NeedsDetails>>> = {
  TIMEOUT: 'ERR_PROCLOOM_TIMEOUT',
  CLOSED: 'ERR_PROCLOOM_CLOSED',
  END: 'ERR_PROCLOOM_EOF',
  BROKEN: 'ERR_PROCLOOM_BROKEN_PIPE',
  SHUT_DOWN: 'ERR_PROCLOOM_SHUT_DOWN',
  TOO_LONG: 'ERR_PROCLOOM_INTERNAL',
  NOT_LOCKED: 'ERR_PROCLOOM_NOT_LOCKED',
  OVERFLOW: 'ERR_PROCLOOM_OVERFLOW',
  DAMAGED: 'ERR_PROCLOOM_SEGMENT_DAMAGED',
  FOREIGN: 'ERR_PROCLOOM_SEGMENT_FOREIGN',
  EXISTS: 'ERR_PROCLOOM_SEGMENT_EXISTS',
  MISSING: 'ERR_PROCLOOM_SEGMENT_MISSING',
  NO_SPACE: 'ERR_PROCLOOM_SEGMENT_NO_SPACE',
  DENIED: 'ERR_PROCLOOM_SEGMENT_DENIED',
  LINK: 'ERR_PROCLOOM_SEGMENT_LINK',
  MISMATCH: 'ERR_PROCLOOM_SEGMENT_MISMATCH',
  SYSTEM: 'ERR_PROCLOOM_SYSTEM',
  LIMIT: 'ERR_PROCLOOM_SEGMENT_LIMIT',
  BAD_ARGUMENT: 'ERR_PROCLOOM_INTERNAL',
  WRONG_DIRECTION: 'ERR_PROCLOOM_WRONG_DIRECTION',
  NOT_BYTES: 'ERR_PROCLOOM_NOT_BYTES',
  BROKEN_BARRIER: 'ERR_PROCLOOM_BROKEN_BARRIER',
  RESERVED: 'ERR_PROCLOOM_RESERVED',
};

type NeedsDetails = 'ERR_PROCLOOM_BUFFER_TOO_SHORT' | 'ERR_PROCLOOM_WORKER_LOST';

/** Codes whose error is about a file or the system, so that the facts of the failure belong into the message. */
function concernsSegment(code: ErrorCode): boolean {
  return code.startsWith('ERR_PROCLOOM_SEGMENT') || code === 'ERR_PROCLOOM_SYSTEM' || code === 'ERR_PROCLOOM_INTERNAL';
}

/**
 * @param name the status, as native/layout/status.h calls it
 * @param asked the call as the user wrote it: "Lock({ name: 'jobs', open: 'create' })"
 * @param facts what the addon knows of the failure
 */
export function errorFromStatus(name: string, asked: string, facts: FailureFacts): ProcloomError {
  const code = codeOfStatus[name] ?? 'ERR_PROCLOOM_INTERNAL';
  if (!concernsSegment(code)) return createError(code, asked);
  const why = [whyText(code, name, facts)];
  if (facts.detail !== '') why.push(facts.detail);
  if (facts.path !== '') why.push(`(${facts.path})`);
  return createError(code, asked, { why: why.join(' ') });
}

function whyText(code: Exclude<ErrorCode, NeedsDetails>, name: string, facts: FailureFacts): string {
  switch (code) {
    case 'ERR_PROCLOOM_SEGMENT_NO_SPACE':
      return `${facts.asked} bytes of shared memory were asked for and ${facts.free} are free`;
    case 'ERR_PROCLOOM_SYSTEM':
      return `the system refused${facts.errno === 0 ? '' : ` with ${errnoName(facts.errno)}`}`;
    case 'ERR_PROCLOOM_INTERNAL':
      return `the addon answered ${name}`;
    default:
      return codes[code].why;
  }
}

function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `error ${errno}`;
  }
}
