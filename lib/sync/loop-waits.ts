/**
 * Promises that wait for shared objects: how the awaited twins of the verbs wait without a thread and without polling.
 *
 *   wait() ── attempt succeeds ──▶ resolved
 *      │ it would have to wait
 *      ▼
 *   last of the line at its (handle, point) ── watch, attempt once more ──▶ sleeps
 *                                                      ▲                      │ rung: the heads of all lines try,
 *                                                      └──────────────────────┘ in order, each until one must wait
 *
 * Lines are first in, first out among the waits of one thread. The bell is the thread's only one, whatever it waits
 * for; a wait that ends otherwise (timeout, abort, close) leaves its line, and the last of a line tells the addon, which
 * passes on a ring that was already spent on us.
 */
import { native } from '../addon/loader.js';
import { type Handle, POINTS } from '../addon/native.js';
import { orThrow, statusError, CLOSED } from '../addon/status-error.js';
import { checkOptions, checkSignal, checkTimeout } from '../errors/arguments.js';

/** How an awaited verb waits. */
export interface WaitOptions {
  /** Milliseconds; undefined waits for ever, zero or less does not wait. */
  timeout?: number;
  /** Ends the wait: the promise rejects with the signal's reason, and nothing was taken. */
  signal?: AbortSignal;
  /** `false`: this wait does not keep the process alive. */
  ref?: boolean;
}

/** How a blocking verb waits. */
export interface SyncWaitOptions {
  /** Milliseconds; undefined waits for ever, zero or less does not wait. */
  timeout?: number;
}

/** The timeout of a blocking verb, for the seam. */
export function syncTimeout(options: SyncWaitOptions | undefined): number {
  return options === undefined ? -1 : checkTimeout(checkOptions(options)!.timeout);
}

/** The options of an awaited verb, checked. Throws the reason of a signal that is aborted already. */
export function checkWait(options: WaitOptions | undefined): { timeoutMs: number; signal: AbortSignal | undefined } {
  if (options === undefined) return { timeoutMs: -1, signal: undefined };
  const timeoutMs = checkTimeout(checkOptions(options)!.timeout);
  const signal = checkSignal(options.signal);
  if (signal?.aborted) throw signal.reason;
  return { timeoutMs, signal };
}

/** Milliseconds that are left of a timeout, as it is for the seam. */
export function restOf(timeoutMs: number): () => number {
  if (timeoutMs <= 0) return () => timeoutMs;
  const deadline = performance.now() + timeoutMs;
  return () => Math.max(0, deadline - performance.now());
}

/** What an attempt gives that has to wait. */
export const MUST_WAIT: unique symbol = Symbol('must wait');

/** What is waited for, and what to do about it. */
export interface Wait<T> {
  /** Whose close() ends it. */
  owner: { handle: Handle };
  point: number;
  /** Tries without waiting. What it throws rejects the promise. */
  attempt: () => T | typeof MUST_WAIT;
  /** Called before the first time that it has to wait: keeps what the attempts need and others may overwrite. */
  park?: () => void;
  /** What the promise gives (or throws) when the time has passed. */
  timedOut: () => T;
  /** Called when its signal or close() ends it, while the handle is still open: gives up what the attempts hold. */
  abandoned?: () => void;
  /** Whoever makes an attempt succeed tells everybody: none has a ring to pass on, so that costs no call. */
  tellsAll?: boolean;
  /** The call, for messages. */
  asked: string;
}

interface Pending {
  wait: Wait<unknown>;
  line: Line;
  /** Its neighbours there. */
  before: Pending | undefined;
  behind: Pending | undefined;
  keepsAlive: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  timer: NodeJS.Timeout | undefined;
  signal: AbortSignal | undefined;
  /** Still in its line. */
  waiting: boolean;
}

interface Line {
  handle: Handle;
  point: number;
  first: Pending | undefined;
  last: Pending | undefined;
  /** The addon was told that this thread waits there, and is to be told that it does not any more. */
  watched: boolean;
}

const lines = new Map<number, Line>();
let pending = 0;
let keepingAlive = 0;
let listening = false;

const lineKey = (handle: Handle, point: number) => handle * POINTS + point;

function join(entry: Pending): void {
  const { line } = entry;
  entry.before = line.last;
  if (line.last === undefined) line.first = entry;
  else line.last.behind = entry;
  line.last = entry;
}

function unlink({ line, before, behind }: Pending): void {
  if (before === undefined) line.first = behind;
  else before.behind = behind;
  if (behind === undefined) line.last = before;
  else behind.before = before;
}

/** Whether nobody of this thread waits there: then a verb may be tried without regard to order. */
export function nobodyWaits(handle: Handle, point: number): boolean {
  return pending === 0 || !lines.has(lineKey(handle, point));
}

/** Waits as `wait` says. Calls of one thread are attempted at once, in the order in which they were made. */
export function waitOnLoop<T>(wait: Wait<T>, options?: WaitOptions): Promise<T> {
  try {
    let timeout = -1;
    let signal: AbortSignal | undefined;
    if (options !== undefined) ({ timeoutMs: timeout, signal } = checkWait(options));
    const line = lines.get(lineKey(wait.owner.handle, wait.point));
    // Nobody overtakes: an attempt of ours comes after those that wait already.
    if (line?.first === undefined || timeout === 0) {
      const result = wait.attempt();
      if (result !== MUST_WAIT) return takeBreath(result);
      // A loop that only ever looks must not starve what it looks for.
      if (timeout === 0) return takeBreath(undefined).then(wait.timedOut);
    }
    wait.park?.();
    return enqueue(wait, timeout, signal, options?.ref !== false);
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

function enqueue<T>(wait: Wait<T>, timeout: number, signal: AbortSignal | undefined, keepsAlive: boolean): Promise<T> {
  const { handle } = wait.owner;
  const key = lineKey(handle, wait.point);
  let line = lines.get(key);
  if (line === undefined) {
    line = { handle, point: wait.point, first: undefined, last: undefined, watched: false };
    lines.set(key, line);
  }
  const joined = line;
  return new Promise<T>((resolve, reject) => {
    const entry: Pending = {
      wait: wait as Wait<unknown>,
      line: joined,
      before: undefined,
      behind: undefined,
      keepsAlive,
      resolve: resolve as (value: unknown) => void,
      reject,
      timer: undefined,
      signal,
      waiting: true,
    };
    join(entry);
    pending++;
    if (keepsAlive) keepingAlive++;
    try {
      hold();
      if (joined.first === entry) advance(joined);
      if (!entry.waiting) return;
    } catch (error) {
      leave(entry);
      reject(error as Error);
      return;
    }
    if (timeout > 0) entry.timer = startTimer(entry, timeout);
    if (signal !== undefined) endWith(signal, entry);
  });
}

/** Longer timers than Node has are made of several. */
const LONGEST_TIMER = 2 ** 31 - 1;

function startTimer(entry: Pending, timeout: number): NodeJS.Timeout {
  const fire = () => {
    if (timeout > LONGEST_TIMER) {
      entry.timer = startTimer(entry, timeout - LONGEST_TIMER);
      return;
    }
    leave(entry);
    try {
      entry.resolve(entry.wait.timedOut());
    } catch (error) {
      entry.reject(error);
    }
  };
  // The bell keeps the process alive where the wait does: the timer need not.
  return setTimeout(fire, Math.min(Math.ceil(timeout), LONGEST_TIMER)).unref();
}

/** The waits that end with a signal: one listener for all, since Node warns of more than a few. */
const endingWith = new WeakMap<AbortSignal, Set<Pending>>();

function endWith(signal: AbortSignal, entry: Pending): void {
  let waits = endingWith.get(signal);
  if (waits === undefined) {
    waits = new Set();
    endingWith.set(signal, waits);
    signal.addEventListener('abort', onAbort, { once: true });
  }
  waits.add(entry);
}

function noMoreEndsWith(signal: AbortSignal, entry: Pending): void {
  const waits = endingWith.get(signal);
  if (waits === undefined || !waits.delete(entry) || waits.size > 0) return;
  endingWith.delete(signal);
  signal.removeEventListener('abort', onAbort);
}

function onAbort(this: AbortSignal): void {
  const waits = endingWith.get(this);
  endingWith.delete(this);
  for (const entry of waits ?? []) {
    leave(entry);
    entry.wait.abandoned?.();
    entry.reject(this.reason);
  }
}

/** Takes a wait out of its line, however it ended. */
function leave(entry: Pending): void {
  if (!remove(entry)) return;
  const { line } = entry;
  if (line.first === undefined) end(line, false);
  hold();
}

/** @param told what they waited for has come, and everybody was told of it */
function end(line: Line, told: boolean): void {
  lines.delete(lineKey(line.handle, line.point));
  if (line.watched && !told) native.bellUnwatch(line.handle, line.point);
}

function remove(entry: Pending): boolean {
  if (!entry.waiting) return false;
  entry.waiting = false;
  unlink(entry);
  pending--;
  if (entry.keepsAlive) keepingAlive--;
  if (entry.timer !== undefined) clearTimeout(entry.timer);
  if (entry.signal !== undefined) noMoreEndsWith(entry.signal, entry);
  return true;
}

/** Lets the waits of a line try, in order, until one must wait, with the bell set to ring for it. */
function advance(line: Line): void {
  let watched = false;
  let told = false;
  for (;;) {
    const { first } = line;
    if (first === undefined) break;
    told = false;
    let outcome: unknown;
    try {
      outcome = first.wait.attempt();
    } catch (error) {
      remove(first);
      first.reject(error);
      continue;
    }
    if (outcome !== MUST_WAIT) {
      remove(first);
      first.resolve(outcome);
      told = first.wait.tellsAll === true;
      continue;
    }
    // Between the attempt and the watch it may have become free: only an attempt after the watch may sleep.
    if (watched) return;
    const status = native.bellWatch(line.handle, line.point);
    if (status < 0) {
      remove(first);
      first.reject(statusError(status, first.wait.asked));
      continue;
    }
    watched = line.watched = true;
  }
  end(line, told);
}

/** Lets the waits there try at once: something of this thread depends on them, and may be about to block its loop. */
export function tryNow(handle: Handle, point: number): void {
  if (pending === 0) return;
  const line = lines.get(lineKey(handle, point));
  if (line === undefined) return;
  advance(line);
  hold();
}

/** The bell rang, or it is time to look whether somebody died. */
function onBell(): void {
  // A line that ends meanwhile does not disturb this; one that begins has been tried.
  for (const line of lines.values()) advance(line);
  hold();
}

/** [how the bell is to be held, how the addon holds it]: it looks for itself whether it is to let go. */
const levels = new Uint8Array(new ArrayBuffer(2)); // over a buffer of its own, which never moves

function hold(): void {
  const wanted = keepingAlive > 0 ? 2 : pending > 0 ? 1 : 0;
  levels[0] = wanted;
  if (wanted <= levels[1]!) return;
  if (!listening) {
    orThrow(native.bellListen(onBell, levels), 'waiting on the event loop');
    listening = true;
  }
  orThrow(native.bellHold(), 'waiting on the event loop');
}

/** Rejects the pending waits of an object that is being closed. Call it while the handle is still open. */
export function rejectWaits(owner: { handle: Handle }, handle: Handle): void {
  if (pending === 0) return;
  for (let point = 0; point < POINTS; point++) {
    const line = lines.get(lineKey(handle, point));
    if (line === undefined) continue;
    const owned = [];
    for (let entry = line.first; entry !== undefined; entry = entry.behind) {
      if (entry.wait.owner === owner) owned.push(entry);
    }
    // What one of them gives up may end another.
    for (const entry of owned) {
      if (!entry.waiting) continue;
      leave(entry);
      entry.wait.abandoned?.();
      entry.reject(statusError(CLOSED, entry.wait.asked));
    }
  }
}

// A loop of awaits that never has to wait would never let timers and I/O run: every so often a turn is given.
const BREATH_ITEMS = 256;
const BREATH_MS = 1;
const BREATH_LOOK = 32;
let sinceBreath = 0;
let lastBreath = 0;

/** The result as a promise; now and then one that resolves only after a turn of the event loop. */
export function takeBreath<T>(result: T): Promise<T> {
  sinceBreath++;
  if (sinceBreath % BREATH_LOOK !== 0) return Promise.resolve(result);
  const now = performance.now();
  if (sinceBreath === BREATH_LOOK) lastBreath = now;
  if (sinceBreath < BREATH_ITEMS && now - lastBreath < BREATH_MS) return Promise.resolve(result);
  sinceBreath = 0;
  return new Promise((resolve) => {
    setImmediate(() => resolve(result));
  });
}
