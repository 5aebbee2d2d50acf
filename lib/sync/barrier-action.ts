/** What the last one to arrive at a barrier runs: a target, wherever that one is. */
import { types } from 'node:util';

import { invalidArgument } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { load } from '../target/runnable.js';
import { loadAtOnce } from '../target/runnable-at-once.js';
import { checkTarget, referTo, type Target, type TargetReference } from '../target/target.js';

export class BarrierAction {
  /** The function itself, where it was given as one. */
  readonly #fn: (() => unknown) | undefined;
  readonly #target: Target | undefined;
  #reference: TargetReference | undefined;

  private constructor(target: Target | undefined, reference: TargetReference | undefined) {
    this.#fn = typeof target === 'function' ? target : undefined;
    this.#target = target;
    this.#reference = reference;
  }

  /** Of an option; to be called while the caller is on the stack. */
  static of(action: Target<[]> | undefined): BarrierAction | undefined {
    const target = checkTarget(action, 'action');
    return target === undefined ? undefined : new BarrierAction(target, undefined);
  }

  /** Of what refer() gave, over there. */
  static from(reference: unknown): BarrierAction | undefined {
    if (reference === undefined) return undefined;
    const { module, export: name, source } = Object(reference) as Record<string, unknown>;
    const found = typeof source === 'string' || (typeof module === 'string' && typeof name === 'string');
    if (found) return new BarrierAction(undefined, reference as TargetReference);
    throw createError('ERR_PROCLOOM_DECODE', 'opening a Barrier', { why: 'its action is no reference to a function' });
  }

  /** How others find it. Throws SerializeError for a function that they could not find. */
  refer(): TargetReference {
    return (this.#reference ??= referTo(this.#target!));
  }

  async run(): Promise<void> {
    const fn = this.#fn ?? (await load(this.refer()));
    await fn();
  }

  /** The same, blocking. */
  runSync(): void {
    const fn = this.#fn ?? loadAtOnce(this.refer());
    const result = fn();
    if (!types.isPromise(result)) return;
    result.then(undefined, () => {}); // its failure is not the news
    throw invalidArgument(TypeError, 'action must not return a promise where a waitSync() runs it: use wait()', result);
  }
}
