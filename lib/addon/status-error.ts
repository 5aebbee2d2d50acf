/** The error of a status that a verb of the addon returned. */
import type { ProcloomError } from '../errors/errors.js';
import { errorFromStatus } from '../errors/from-status.js';
import { native } from './loader.js';

const names = new Map(Object.entries(native.status).map(([name, status]) => [status, name]));

/**
 * REQUIRES: the verb was the last one that failed in this environment (nothing was awaited in between).
 *
 * @param status less than zero
 * @param asked the call as the user wrote it: "Lock({ name: 'jobs', open: 'create' })"
 */
export function statusError(status: number, asked: string): ProcloomError {
  return errorFromStatus(names.get(status) ?? String(status), asked, native.lastFailure());
}
