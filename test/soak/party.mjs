// One that takes part: until the round is to end it does something at random, blocking or several things awaited at once.
import { setImmediate as turn } from 'node:timers/promises';

import { takePart } from './finale.mjs';
import { operationsOf } from './games/all.mjs';
import { Party, WORKING } from './ledger.mjs';

const MOST_IN_A_BOUT = 8;
/** How often in a row what seldom has to wait for anybody is done. */
const MOST_TIMES = { lock: 40, rlock: 40, value: 20, semaphore: 20, queue: 5, pipe: 5 };

export async function work({ ledger, shared, finale, seed }, slot, incarnation) {
  const party = new Party(ledger, slot, incarnation, seed);
  const operations = operationsOf(shared, party).map((operation, code) => ({ ...operation, code }));
  const by = (wanted) => {
    const kinds = new Map();
    for (const operation of operations.filter(({ how }) => how === wanted)) {
      kinds.set(operation.kind, [...(kinds.get(operation.kind) ?? []), operation]);
    }
    return [...kinds.values()];
  };
  const [blocking, awaited] = [by('blocking'), by('awaited')];
  const { random } = party;

  const goesOn = () => party.stage === WORKING;
  const timesOf = ({ kind }) => random.between(1, MOST_TIMES[kind] ?? 1);

  function boutSync() {
    for (let i = random.between(1, MOST_IN_A_BOUT); i > 0 && goesOn(); i--) {
      const operation = random.pick(random.pick(blocking));
      const [lane] = party.lanes;
      for (let times = timesOf(operation); times > 0 && goesOn(); times--) {
        party.begin(lane, operation.code);
        operation.run(lane);
        party.end(lane, operation.code);
      }
    }
  }

  async function bout(lane) {
    for (let i = random.between(1, MOST_IN_A_BOUT); i > 0 && goesOn(); i--) {
      const operation = random.pick(random.pick(awaited));
      for (let times = timesOf(operation); times > 0 && goesOn(); times--) {
        party.begin(lane, operation.code);
        await operation.run(lane);
        party.end(lane, operation.code);
      }
    }
  }

  while (goesOn()) {
    if (random.chance(0.5)) boutSync();
    else await Promise.all(party.lanes.map(bout));
    await turn();
  }
  await takePart(finale, party);
}
