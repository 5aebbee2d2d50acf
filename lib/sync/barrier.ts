/**
 * Barrier: a meeting point of processes and threads.
 *
 *   wait() ── arrives ──▶ inside ── all have come ──▶ passed: its index
 *     │ the round before      │ the barrier breaks ──▶ BrokenBarrierError
 *     ▼ is not over           ▼ it is the last ──▶ runs the action, then lets all pass
 *   waits to arrive
 *
 * The addon knows who is inside by the index of the arrival (native/sync/barrier.h). Whoever is inside is counted until it
 * has looked at the outcome, or has given up, which breaks the barrier for the others.
 */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { MET_INSIDE, MET_PASSED, MET_TO_ACT, OPEN_EITHER, POINT_ARRIVE, POINT_PASS } from '../addon/native.js';
import { BROKEN_BARRIER, orThrow, TIMEOUT } from '../addon/status-error.js';
import { checkInteger, checkOptions, checkTimeout } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { checkNameOptions, type NameOptions, openReference, SharedObject } from '../memory/shared-object.js';
import { registerShareable } from '../serialize/shareables.js';
import type { Target, TargetReference } from '../target/target.js';
import { BarrierAction } from './barrier-action.js';
import {
  checkWait,
  MUST_WAIT,
  nobodyWaits,
  rejectWaits,
  type SyncWaitOptions,
  syncTimeout,
  takeBreath,
  tryNow,
  type WaitOptions,
  waitOnLoop,
} from './loop-waits.js';

const { barrierArrive, barrierLook, barrierWait, barrierActed, barrierGiveUp } = native;

/** The addon keeps a place for each. */
const MOST_PARTIES = 65_535;

/** How a barrier is found, and what happens at it. Of a named one the first one's `action` and `timeout` count. */
export interface BarrierOptions extends NameOptions {
  /** Run by the last one to arrive, before anybody passes. A Target, as of a Process: it travels with the barrier. */
  action?: Target<[]>;
  /** Of waits that give none. */
  timeout?: number;
}

/** What stands beside the words of a named barrier, as JSON, and travels with each. */
interface Policy {
  /** As the seam takes it. */
  timeoutMs: number;
  action: TargetReference | undefined;
}

/** @internal An object made over there, opened here. */
interface BarrierReference extends Policy {
  reference: string;
}

/** One that is inside. */
interface Arrival {
  readonly index: number;
}

/** @internal Stands for the parties: takes over this handle. */
class OpenedBarrier {
  readonly handle: Handle;
  readonly timeoutMs: number;
  readonly action: BarrierAction | undefined;

  constructor(handle: Handle, timeoutMs: number, action: BarrierAction | undefined) {
    this.handle = handle;
    this.timeoutMs = timeoutMs;
    this.action = action;
  }
}

/**
 * A meeting point of `parties`. wait() gives each its arrival index 0 … parties-1; the last to arrive runs the action
 * first.
 *
 * A timeout, an AbortSignal, an abort(), an action that throws, close() or the death of one that waits breaks the barrier:
 * everybody gets BrokenBarrierError until reset(). The one whose action threw gets that error, an aborted wait the reason
 * of its signal. The barrier lets its parties pass only if all of them live when the last one comes.
 *
 * Python: `multiprocessing.Barrier`. There a party that dies is waited for, for ever; abort() also breaks it for those who
 * have passed and not yet gone on.
 */
export class Barrier extends SharedObject {
  readonly #parties: number;
  readonly #timeoutMs: number;
  readonly #action: BarrierAction | undefined;
  /** Those who have not left; the next arrival of the same index is another one. */
  readonly #inside = new Set<Arrival>();

  /** @param parties how many meet: an integer from 1 to 65 535 */
  constructor(parties: number, options?: BarrierOptions) {
    const opened = (parties as unknown) instanceof OpenedBarrier ? parties : createBarrier(parties, options);
    const { handle, timeoutMs, action } = opened as unknown as OpenedBarrier;
    super(handle);
    this.#parties = native.barrierParties(handle);
    this.#timeoutMs = timeoutMs;
    this.#action = action;
  }

  /** Resolves with the index of this arrival when all have arrived. */
  async wait(options?: WaitOptions): Promise<number> {
    const { timeoutMs: given, signal } = checkWait(options);
    const timeoutMs = options?.timeout === undefined ? this.#timeoutMs : given;
    const deadline = timeoutMs > 0 ? performance.now() + timeoutMs : 0;
    const rest = (): WaitOptions => ({
      timeout: timeoutMs > 0 ? Math.max(0, deadline - performance.now()) : timeoutMs === 0 ? 0 : undefined,
      signal,
      ref: options?.ref,
    });
    // Up to the first await this is the call itself: it arrives before it returns, if it can.
    const outcome = nobodyWaits(this.handle, POINT_ARRIVE) ? this.#arrive(rest, (act) => act()) : MUST_WAIT;
    const met = await (outcome === MUST_WAIT ? this.#waitToArrive(rest) : outcome);
    return indexOf(orThrow(met, 'barrier.wait()'));
  }

  /** Those of the round before have not all left. */
  #waitToArrive(rest: () => WaitOptions): Promise<number> {
    // Among them may be promises of this thread that have passed and have not been told yet.
    tryNow(this.handle, POINT_PASS);
    return waitOnLoop<number | Promise<number>>(
      {
        owner: this,
        point: POINT_ARRIVE,
        asked: 'barrier.wait()',
        attempt: () => {
          // An action may do anything, also to the line it would be run from.
          const outcome = this.#arrive(rest, (act) => Promise.resolve().then(act));
          // It is given on, but perhaps a turn later.
          if (typeof outcome === 'object') outcome.catch(() => {});
          return outcome;
        },
        timedOut: () => {
          native.barrierAbort(this.handle);
          return BROKEN_BARRIER;
        },
      },
      rest(),
    ) as Promise<number>;
  }

  /** Arrives if that needs no waiting, and does what the arrival is then to do. */
  #arrive(
    rest: () => WaitOptions,
    run: (act: () => Promise<number>) => Promise<number>,
  ): number | Promise<number> | typeof MUST_WAIT {
    const met = barrierArrive(this.handle, this.#action !== undefined);
    if (met === TIMEOUT) return MUST_WAIT;
    if (met < 0) return met;
    if (met % 4 === MET_PASSED) return takeBreath(met);
    const arrival = this.#entered(met);
    return met % 4 === MET_TO_ACT ? run(() => this.#act(arrival)) : this.#waitToPass(arrival, rest());
  }

  async #waitToPass(arrival: Arrival, options: WaitOptions): Promise<number> {
    try {
      return await waitOnLoop<number>(
        {
          owner: this,
          point: POINT_PASS,
          asked: 'barrier.wait()',
          attempt: () => {
            const met = this.#seen(arrival, barrierLook(this.handle, arrival.index));
            return this.#inside.has(arrival) ? MUST_WAIT : met;
          },
          timedOut: () => this.#seen(arrival, barrierGiveUp(this.handle, arrival.index)),
          abandoned: () => this.#giveUp(arrival),
        },
        options,
      );
    } catch (error) {
      this.#giveUp(arrival);
      throw error;
    }
  }

  /** The last one to arrive, in the name of all. */
  async #act(arrival: Arrival): Promise<number> {
    try {
      await this.#action!.run();
    } catch (error) {
      this.#giveUp(arrival);
      throw error;
    }
    return this.#seen(arrival, barrierActed(this.handle));
  }

  /** What came of a look, a giving up or an action: who is not inside any more has left. */
  #seen(arrival: Arrival, met: number): number {
    if (met < 0 || met % 4 !== MET_INSIDE) this.#inside.delete(arrival);
    return met;
  }

  /** Nothing happens to one that has left. */
  #giveUp(arrival: Arrival): void {
    if (this.#inside.delete(arrival)) barrierGiveUp(this.handle, arrival.index);
  }

  #entered(met: number): Arrival {
    const arrival = { index: indexOf(met) };
    this.#inside.add(arrival);
    return arrival;
  }

  /** The same, blocking. */
  waitSync(options?: SyncWaitOptions): number {
    const given = syncTimeout(options);
    const timeoutMs = options?.timeout === undefined ? this.#timeoutMs : given;
    tryNow(this.handle, POINT_PASS);
    // Those of this thread that wait to arrive may be among whom this one will wait for. But none may come last now and have
    // to act: it could not, while this thread is blocked.
    if (this.#action === undefined) tryNow(this.handle, POINT_ARRIVE);
    const met = orThrow(barrierWait(this.handle, this.#action !== undefined, timeoutMs), 'barrier.waitSync()');
    return indexOf(met % 4 === MET_TO_ACT ? this.#actSync(this.#entered(met)) : met);
  }

  #actSync(arrival: Arrival): number {
    try {
      this.#action!.runSync();
    } catch (error) {
      this.#giveUp(arrival);
      throw error;
    }
    return orThrow(this.#seen(arrival, barrierActed(this.handle)), 'barrier.waitSync()');
  }

  /** Makes it usable again; those who wait get BrokenBarrierError. */
  reset(): void {
    orThrow(native.barrierReset(this.handle), 'barrier.reset()');
  }

  /** Breaks it: all who wait, and all who come until reset(), get BrokenBarrierError. */
  abort(): void {
    orThrow(native.barrierAbort(this.handle), 'barrier.abort()');
  }

  /** How many meet. */
  get parties(): number {
    return this.#parties;
  }

  /** How many have arrived and wait for the others. */
  get nWaiting(): number {
    return orThrow(native.barrierWaiting(this.handle), 'barrier.nWaiting');
  }

  /** Whether it is broken. */
  get broken(): boolean {
    return orThrow(native.barrierBroken(this.handle), 'barrier.broken') === 1;
  }

  protected override closing(handle: Handle): void {
    for (const arrival of this.#inside) this.#giveUp(arrival);
    rejectWaits(this, handle);
  }

  /** @internal */
  describe(): BarrierReference {
    return { reference: this.reference(), timeoutMs: this.#timeoutMs, action: this.#action?.refer() };
  }

  /** @internal */
  needs(): TargetReference[] {
    return this.#action === undefined ? [] : [this.#action.refer()];
  }
}

const indexOf = (met: number) => Math.floor(met / 4);

function createBarrier(parties: number, options: BarrierOptions | undefined): OpenedBarrier {
  checkInteger('parties', parties, 1, MOST_PARTIES);
  checkOptions(options);
  const { name, opening } = checkNameOptions(options);
  const timeoutMs = checkTimeout(options?.timeout);
  const action = BarrierAction.of(options?.action);
  if (name === '') {
    const handle = orThrow(native.barrierCreate('', OPEN_EITHER, parties, ''), `new Barrier(${parties})`);
    return new OpenedBarrier(handle, timeoutMs, action);
  }
  // Who attaches must find the action: here it cannot be a function that only this thread has.
  const policy = JSON.stringify({ timeoutMs, action: action?.refer() } satisfies Policy);
  const asked = `new Barrier(${parties}, { name: '${name}' })`;
  const handle = orThrow(native.barrierCreate(name, opening, parties, policy), asked);
  try {
    const found = native.barrierPolicy(handle) as string;
    return found === policy ? new OpenedBarrier(handle, timeoutMs, action) : withPolicy(handle, parsed(found, asked));
  } catch (error) {
    native.close(handle);
    throw error;
  }
}

function parsed(text: string, asked: string): Policy {
  try {
    return JSON.parse(text) as Policy;
  } catch (cause) {
    throw createError('ERR_PROCLOOM_SEGMENT_DAMAGED', asked, { cause });
  }
}

function withPolicy(handle: Handle, { timeoutMs, action }: Policy): OpenedBarrier {
  return new OpenedBarrier(handle, Number.isFinite(timeoutMs) ? timeoutMs : -1, BarrierAction.from(action));
}

registerShareable(Barrier, {
  kind: 'Barrier',
  describe: (barrier: Barrier) => barrier.describe(),
  revive: ({ reference, ...policy }: BarrierReference) => {
    const opened = withPolicy(openReference(reference, native.kind.BARRIER), policy);
    return new Barrier(opened as unknown as number);
  },
  needs: (barrier) => barrier.needs(),
});
