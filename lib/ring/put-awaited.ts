/** The awaited puts of pipes and queues: at once if that needs no waiting, else in the line of those who wait for room. */
import type { Handle } from '../addon/native.js';
import { POINT_WRITE } from '../addon/native.js';
import { orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { MUST_WAIT, nobodyWaits, takeBreath, type WaitOptions, waitOnLoop } from '../sync/loop-waits.js';
import { ParkedMessage, putValue } from './messages.js';

/** What is put into, and what it says when the time has passed. */
type Owner = { handle: Handle };
type TimedOut<O extends Owner> = (owner: O, asked: string) => Error;

/** Puts a value, encoded at the call. */
export function putAwaited<O extends Owner>(
  owner: O,
  value: unknown,
  options: WaitOptions | undefined,
  asked: string,
  timedOut: TimedOut<O>,
): Promise<void> {
  if (options === undefined && nobodyWaits(owner.handle, POINT_WRITE)) {
    try {
      const status = putValue(owner.handle, value, 0);
      if (status === 0) return takeBreath(undefined);
      if (status !== TIMEOUT) throw statusError(status, asked);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }
  return putLater(owner, value, options, asked, timedOut);
}

async function putLater<O extends Owner>(
  owner: O,
  value: unknown,
  options: WaitOptions | undefined,
  asked: string,
  timedOut: TimedOut<O>,
): Promise<void> {
  const message = new ParkedMessage(value);
  try {
    await waitToPut(owner, () => message.put(owner.handle), options, asked, timedOut);
  } finally {
    message.forget();
  }
}

/** @param attempt tries to put, without waiting; a status */
export function waitToPut<O extends Owner>(
  owner: O,
  attempt: () => number,
  options: WaitOptions | undefined,
  asked: string,
  timedOut: TimedOut<O>,
  park?: () => void,
): Promise<void> {
  const wait = {
    owner,
    point: POINT_WRITE,
    asked,
    attempt: () => {
      const status = attempt();
      if (status === TIMEOUT) return MUST_WAIT;
      orThrow(status, asked);
      return undefined;
    },
    timedOut: () => {
      throw timedOut(owner, asked);
    },
    ...(park && { park }),
  };
  return waitOnLoop<void>(wait, options);
}
