// All games of the soak, and the operations that a party chooses from.
import * as barrier from './barrier.mjs';
import * as channel from './channel.mjs';
import * as condition from './condition.mjs';
import * as event from './event.mjs';
import * as mutex from './mutex.mjs';
import * as semaphore from './semaphore.mjs';

export const games = { mutex, semaphore, event, condition, barrier, channel };

/** In the same order for everybody: their places are the codes that the ledger knows them by. */
export const operationsOf = (shared, party) =>
  Object.entries(games).flatMap(([name, { operations }]) => operations(shared[name], party));

export const makeAll = (random) =>
  Object.fromEntries(Object.entries(games).map(([name, { make }]) => [name, make(random)]));

/** Calls `step` of every game that has it. */
export async function callAll(step, shared, ...args) {
  for (const [name, game] of Object.entries(games)) await game[step]?.(shared[name], ...args);
}
