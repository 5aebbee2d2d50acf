/**
 * The spares of this process: taken by start(), and made up for in the background.
 *
 *     (none) ── refill ──► booting ──► ready ── take ──► a child
 *
 * One that boots is not taken: until it can ignore it, Ctrl-C ends it, and a start that comes after that is not to.
 * A spare that ends by itself, for what is preloaded ends it, is not made up for before the next start: else it would be
 * for ever.
 */
import { isMainThread } from 'node:worker_threads';

import { native } from '../../addon/loader.js';
import { cpuCount } from '../cpu-count.js';
import { spareProgram } from './program.js';
import { bornWith, Spare } from './spare.js';
import { type HandOutWords, lineOf, LONGEST_HAND_OUT } from './spare-words.js';

/** So much later a spare is made up for: what was just started needs the processor more. */
const REFILL_MS = 20;
const MOST_BY_DEFAULT = 4;

const spares: Spare[] = [];
let wanted: number | undefined;
let preload: readonly string[] = [];
let refilling: NodeJS.Timeout | undefined;
let watching = false;

/** How many there are to be, and what they import. Those that were made for something else go. */
export function setSpares(settings: { count?: number; preload?: readonly string[] }): void {
  wanted = settings.count ?? wanted;
  if (settings.preload !== undefined) {
    preload = settings.preload;
    drop([...spares]);
  }
  drop(spares.slice(count()));
}

/**
 * One that has become the child that the words say; undefined where a fresh one must do.
 *
 * @param words asked for only if there is one to hear them
 */
export function takeSpare(words: () => HandOutWords): Spare | undefined {
  // A thread can end without a word, and nobody would reap its spares.
  if (!isMainThread || count() === 0) return undefined;
  refillLater();
  const born = bornWith();
  drop(spares.filter((spare) => spare.born !== born));
  const ready = spares.filter((spare) => spare.isReady);
  if (ready.length === 0) return undefined;
  const wanted = words();
  const line = lineOf(wanted);
  if (line.length > LONGEST_HAND_OUT) return undefined;
  for (const spare of ready) {
    if (!spare.isAlive) remove(spare);
    else if (spare.suits(wanted.env)) {
      remove(spare);
      if (spare.handOut(line)) return spare;
    }
  }
  return undefined;
}

/** @internal The pids of those that could be taken. */
export function readySpares(): number[] {
  return spares.filter((spare) => spare.isReady && spare.isAlive).map(({ process }) => process.pid);
}

function count(): number {
  return (wanted ??= Math.min(cpuCount(), MOST_BY_DEFAULT));
}

function remove(spare: Spare): void {
  const at = spares.indexOf(spare);
  if (at >= 0) spares.splice(at, 1);
}

function drop(unwanted: readonly Spare[]): void {
  for (const spare of unwanted) {
    remove(spare);
    spare.drop();
  }
}

/** One at a time: starting a process takes this thread a millisecond or two. */
function refillLater(): void {
  refilling ??= setTimeout(refill, REFILL_MS).unref();
}

function refill(): void {
  refilling = undefined;
  const program = spareProgram();
  if (program === undefined || spares.length >= count()) return;
  const spare = Spare.begin(program, preload, remove);
  // The system refused: the next start asks again.
  if (spare === undefined) return;
  spares.push(spare);
  if (!watching) {
    watching = true;
    process.prependListener('exit', endAll);
  }
  refillLater();
}

/** They would end by themselves, but a moment after this process. */
function endAll(): void {
  clearTimeout(refilling);
  const last = [...spares];
  drop(last);
  for (const spare of last) native.childWait(spare.process.pid, -1);
}
