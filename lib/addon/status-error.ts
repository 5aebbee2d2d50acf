/** Statuses of the addon, by name and as errors. */
import { errorFromStatus } from '../errors/from-status.js';
import type { ProcloomError } from '../errors/errors.js';
import { native } from './loader.js';

const names = new Map<number, string>(Object.entries(native.status).map(([name, value]) => [value, name]));

export const {
  TIMEOUT,
  CLOSED,
  END,
  BROKEN,
  SHUT_DOWN,
  TOO_LONG,
  NOT_LOCKED,
  OVERFLOW,
  LIMIT,
  MISSING,
  BAD_ARGUMENT,
  WRONG_DIRECTION,
  BROKEN_BARRIER,
} = native.status;

/**
 * The error of a status that the addon just returned in this thread.
 *
 * @param asked the call as the user wrote it
 */
export function statusError(status: number, asked: string): ProcloomError {
  const error = errorFromStatus(names.get(status) ?? String(status), asked, native.lastFailure());
  Error.captureStackTrace?.(error, statusError);
  return error;
}

/** Gives a result on, throws a status. */
export function orThrow(result: number, asked: string): number {
  if (result < 0) throw statusError(result, asked);
  return result;
}

/** The same, of memory. */
export function memoryOrThrow<T extends object>(result: T | number, asked: string): T {
  if (typeof result === 'number') throw statusError(result, asked);
  return result;
}
