// Queue and Pipe: numbered items with sums. None comes twice, torn, or after it was refused; none overtakes one of the
// same lane; and one that was put is lost only with a consumer that died with it in hand. Where a death counts as done
// (a JoinableQueue with ackOnDeath), nothing is unfinished at the end.
import { createHash } from 'node:crypto';
import { Empty, Full, JoinableQueue, Pipe, Queue, RawArray, StateError, TimeoutError, Value } from 'procloom';

import { LANES, SLOTS } from '../ledger.mjs';

/** Items of one lane in one round. */
const MOST = 20_000;
/** Items that are put or got at once. */
const MANY = 4;

const [ASKED, PUT, REFUSED] = [1, 2, 3];

const channel = (more) => ({
  numbers: RawArray('i', SLOTS * LANES),
  states: RawArray('B', SLOTS * LANES * MOST),
  seen: RawArray('B', SLOTS * LANES * MOST),
  /** How many a lane may have in hand; of the dead, how many may be lost. */
  inHand: RawArray('i', SLOTS * LANES),
  lost: RawArray('i', 1),
  ...more,
});

export function make(random) {
  const [left, right] = Pipe({ capacity: 8192 });
  const size = random.pick([0, 2, 30]);
  const options = random.chance(0.5) ? { capacity: 4096 } : {};
  const [to, from] = Pipe({ capacity: 8192 });
  return {
    queue: channel({ queue: new Queue(size, options) }),
    tasks: channel({ queue: new JoinableQueue(size, { ...options, ackOnDeath: true }), joinable: true }),
    there: channel({ sender: left, receiver: right }),
    back: channel({ sender: right, receiver: left }),
    place: channel({ sender: to, receiver: from, inPlace: true }),
  };
}

/** Items as bytes that are written and read where they lie; their gifts stay at home. */
const bytesOf = ({ lane, n, body, sum }) => Buffer.from(JSON.stringify({ lane, n, body, sum }));

function write(place, bytes) {
  place.bytes.set(bytes);
  place.commit();
}

function read(place) {
  try {
    return JSON.parse(Buffer.from(place.bytes).toString());
  } finally {
    place[Symbol.dispose]();
  }
}

const inPlaceVerbs = ({ sender, receiver }) => ({
  put: async (item, options) => {
    const bytes = bytesOf(item);
    write(await sender.reserve(bytes.length, options), bytes);
  },
  putSync: (item, options) => {
    const bytes = bytesOf(item);
    write(sender.reserveSync(bytes.length, options), bytes);
  },
  get: async (options) => read(await receiver.borrow(options)),
  getSync: (options) => read(receiver.borrowSync(options)),
});

const pipeVerbs = ({ sender, receiver }) => ({
  put: (item, options) => sender.send(item, options),
  putSync: (item, options) => sender.sendSync(item, options),
  get: (options) => receiver.recv(options),
  getSync: (options) => receiver.recvSync(options),
});

function verbsOf(shared) {
  if (shared.inPlace) return inPlaceVerbs(shared);
  return shared.queue ?? pipeVerbs(shared);
}

const isTimeout = (error) => error instanceof TimeoutError || error instanceof Full || error instanceof Empty;
const sumOf = (lane, n, body) => createHash('md5').update(`${lane}:${n}:${body}`).digest('base64');

function makeItem(lane, n, random) {
  const length = random.chance(0.01) ? random.between(5_000, 100_000) : random.between(0, 300);
  const body = String.fromCharCode(97 + (n % 26)).repeat(length);
  return { lane, n, body, sum: sumOf(lane, n, body), gift: random.chance(0.02) ? new Value('i', n) : undefined };
}

function seen({ seen: { view }, states, queue, joinable }, party, item, from) {
  const { lane, n, body, sum, gift } = item ?? {};
  if (typeof body !== 'string' || sumOf(lane, n, body) !== sum)
    return party.violation(`a torn item in ${from}: ${sum}`);
  if (Atomics.add(view, lane * MOST + n, 1) !== 0) party.violation(`item ${n} of lane ${lane} came twice in ${from}`);
  if (Atomics.load(states.view, lane * MOST + n) === REFUSED)
    party.violation(`item ${n} was refused, and came in ${from}`);
  if (gift !== undefined) {
    if (gift.value !== n) party.violation(`the value ${gift.value} came with item ${n} in ${from}`);
    gift.close();
  }
  if (joinable) queue.taskDone();
  return undefined;
}

function inOrder(party, items, from) {
  const last = new Map();
  for (const { lane, n } of items) {
    if (n < (last.get(lane) ?? 0)) party.violation(`item ${n} of lane ${lane} came after ${last.get(lane)} in ${from}`);
    last.set(lane, n);
  }
}

/** The number of the next item of that lane, or undefined when the round has had enough of them. */
function nextNumber({ numbers, states }, lane) {
  if (numbers.view[lane] >= MOST) return undefined;
  const n = numbers.view[lane]++;
  Atomics.store(states.view, lane * MOST + n, ASKED);
  return n;
}

const settle = ({ states }, lane, n, state) => Atomics.store(states.view, lane * MOST + n, state);

function putSync(shared, party, lane, options) {
  const n = nextNumber(shared, lane);
  if (n === undefined) return;
  const item = makeItem(lane, n, party.random);
  try {
    verbsOf(shared).putSync(item, options);
    settle(shared, lane, n, PUT);
  } catch (error) {
    if (options === undefined || !isTimeout(error)) throw error;
    settle(shared, lane, n, REFUSED);
    party.tally('timeouts');
  } finally {
    item.gift?.close();
  }
}

async function put(shared, party, lane, options) {
  const n = nextNumber(shared, lane);
  if (n === undefined) return;
  const item = makeItem(lane, n, party.random);
  try {
    await verbsOf(shared).put(item, options);
    settle(shared, lane, n, PUT);
  } catch (error) {
    if (options === undefined || (!isTimeout(error) && error !== options.signal?.reason)) throw error;
    settle(shared, lane, n, REFUSED);
    party.tally(isTimeout(error) ? 'timeouts' : 'aborts');
  } finally {
    item.gift?.close();
  }
}

/** Full tells how many of several went in. */
function putManySync(shared, party, lane, options) {
  const items = [];
  for (let i = party.random.between(1, MANY); i > 0; i--) {
    const n = nextNumber(shared, lane);
    if (n !== undefined) items.push(makeItem(lane, n, party.random));
  }
  let count = items.length;
  try {
    shared.queue.putManySync(items, options);
  } catch (error) {
    if (options === undefined || !isTimeout(error)) throw error;
    count = error.count;
    party.tally('timeouts');
  } finally {
    for (const { gift } of items) gift?.close();
  }
  items.forEach(({ n }, i) => settle(shared, lane, n, i < count ? PUT : REFUSED));
}

async function getMany(shared, party, lane, from, options) {
  shared.inHand.view[lane] = MANY;
  try {
    const items = await shared.queue.getMany(MANY, options);
    for (const item of items) seen(shared, party, item, from);
    inOrder(party, items, from);
  } catch (error) {
    if (!isTimeout(error)) throw error;
    party.tally('timeouts');
  }
  shared.inHand.view[lane] = 0;
}

/** Several, one after the other, in the order in which they must come. */
function getSync(shared, party, lane, from, options) {
  const items = [];
  const times = party.random.between(1, 3);
  try {
    shared.inHand.view[lane] = 1;
    for (let i = 0; i < times; i++) {
      items.push(verbsOf(shared).getSync(options));
      seen(shared, party, items.at(-1), from);
    }
  } catch (error) {
    if (options === undefined || !isTimeout(error)) throw error;
    party.tally('timeouts');
  }
  shared.inHand.view[lane] = 0;
  inOrder(party, items, from);
}

async function get(shared, party, lane, from, options) {
  shared.inHand.view[lane] = 1;
  try {
    seen(shared, party, await verbsOf(shared).get(options), from);
  } catch (error) {
    if (options === undefined || (!isTimeout(error) && error !== options.signal?.reason)) throw error;
    party.tally(isTimeout(error) ? 'timeouts' : 'aborts');
  }
  shared.inHand.view[lane] = 0;
}

function operationsOf(from, shared, party) {
  const list = [];
  const kind = shared.queue === undefined ? 'pipe' : 'queue';
  const add = (verb, how, run) => list.push({ kind, name: `${from}.${verb}`, how, run });
  const timed = () => ({ timeout: party.random.next() * 10 });
  const signal = () => ({ signal: AbortSignal.timeout(party.random.between(0, 10)) });
  add('putSync', 'blocking', (lane) => putSync(shared, party, lane));
  add('putSync, timed', 'blocking', (lane) => putSync(shared, party, lane, timed()));
  add('getSync', 'blocking', (lane) => getSync(shared, party, lane, from));
  add('getSync, timed', 'blocking', (lane) => getSync(shared, party, lane, from, timed()));
  add('put', 'awaited', (lane) => put(shared, party, lane));
  add('put, timed', 'awaited', (lane) => put(shared, party, lane, timed()));
  add('put, with a signal', 'awaited', (lane) => put(shared, party, lane, signal()));
  add('get', 'awaited', (lane) => get(shared, party, lane, from));
  add('get, timed', 'awaited', (lane) => get(shared, party, lane, from, timed()));
  add('get, with a signal', 'awaited', (lane) => get(shared, party, lane, from, signal()));
  if (shared.queue === undefined) return list;
  add('putManySync', 'blocking', (lane) => putManySync(shared, party, lane));
  add('putManySync, timed', 'blocking', (lane) => putManySync(shared, party, lane, timed()));
  add('getMany, timed', 'awaited', (lane) => getMany(shared, party, lane, from, timed()));
  return list;
}

export const operations = (shared, party) =>
  Object.entries(shared).flatMap(([from, one]) => operationsOf(from, one, party));

/** The director never lets a producer or a consumer wait for ever. */
export async function drive(shared, party) {
  for (const [from, one] of Object.entries(shared)) {
    const [lane] = party.lanes;
    if (party.random.chance(0.5)) await put(one, party, lane, { timeout: 0 });
    else await get(one, party, lane, from, { timeout: 0 });
  }
}

export const letGo = drive;

export function died(shared, dead) {
  for (const { inHand, lost } of Object.values(shared)) {
    for (const lane of dead) lost.view[0] += Atomics.exchange(inHand.view, lane, 0);
  }
}

/** Takes what is left, and then compares. */
export function check(shared, { director, expect }) {
  for (const [from, one] of Object.entries(shared)) {
    const left = [];
    const verbs = verbsOf(one);
    try {
      for (;;) {
        left.push(verbs.getSync({ timeout: 0 }));
        seen(one, director, left.at(-1), from);
      }
    } catch (error) {
      if (!isTimeout(error)) throw error;
    }
    inOrder(director, left, from);
    if (one.joinable) expect(isFinished(one.queue), `something in ${from} is unfinished, or was finished twice`);
    const missing = one.states.view.reduce((n, state, i) => n + Number(state === PUT && one.seen.view[i] === 0), 0);
    const [allowed] = one.lost.view;
    expect(
      missing <= allowed,
      `${missing} items that were put never came out of ${from}, where ${allowed} may be lost`,
    );
  }
}

/** Nothing is unfinished, and nobody has anything to finish. */
function isFinished(queue) {
  try {
    if (queue.joinSync({ timeout: 0 })) queue.taskDone();
    return false;
  } catch (error) {
    return error instanceof StateError;
  }
}

export function close(shared) {
  for (const { numbers, states, seen: were, inHand, lost, queue, sender, receiver } of Object.values(shared)) {
    for (const object of [numbers, states, were, inHand, lost, queue, sender, receiver]) object?.close();
  }
}
