/** Event: a flag that processes and threads wait for. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { POINT_ACQUIRE } from '../addon/native.js';
import { BEGUN, HANDLE, quick } from '../addon/quick.js';
import { orThrow, statusError, TIMEOUT } from '../addon/status-error.js';
import { checkOptions } from '../errors/arguments.js';
import { checkNameOptions, type NameOptions, openReference, SharedObject } from '../memory/shared-object.js';
import { registerShareable } from '../serialize/shareables.js';
import {
  MUST_WAIT,
  rejectWaits,
  type SyncWaitOptions,
  syncTimeout,
  type WaitOptions,
  waitOnLoop,
} from './loop-waits.js';

const { eventSet, eventClear, eventState, eventOver, eventWait } = native;

/** @internal Stands for constructor options: opens what was made over there. */
class OpenedEvent {
  readonly reference: string;

  constructor(reference: string) {
    this.reference = reference;
  }
}

/**
 * A flag that processes and threads wait for; it is not set at first.
 *
 * Who was waiting at set() is woken and gets true, even if clear() follows at once.
 *
 * Python: `multiprocessing.Event`. There a wait that is woken gives false if clear() was quicker than it.
 */
export class Event extends SharedObject {
  constructor(options?: NameOptions) {
    super(openOrCreate(options));
  }

  /** Sets it and lets everybody go who waits. Again it does nothing. */
  set(): void {
    quick[HANDLE] = this.handle;
    const status = eventSet();
    if (status !== undefined) throw statusError(status, 'event.set()');
  }

  /** From now on waits wait, until it is set again. */
  clear(): void {
    quick[HANDLE] = this.handle;
    const status = eventClear();
    if (status !== undefined) throw statusError(status, 'event.clear()');
  }

  /** Whether it is set. */
  isSet(): boolean {
    return (orThrow(stateOf(this.handle), 'event.isSet()') & 1) === 1;
  }

  /** Resolves true when it is set or was so since the call, false when the timeout passed first. */
  wait(options?: WaitOptions): Promise<boolean> {
    const asked = 'event.wait()';
    // What happens from here on counts, also while others of this thread are in the line before it.
    const begun = stateOf(this.handle);
    const over = () => {
      orThrow(begun, asked);
      quick[HANDLE] = this.handle;
      quick[BEGUN] = begun;
      return orThrow(eventOver(), asked) === 1;
    };
    return waitOnLoop<boolean>(
      {
        owner: this,
        point: POINT_ACQUIRE,
        asked,
        attempt: () => over() || MUST_WAIT,
        timedOut: over,
        tellsAll: true,
      },
      options,
    );
  }

  /** The same, blocking. */
  waitSync(options?: SyncWaitOptions): boolean {
    const status = eventWait(this.handle, syncTimeout(options));
    if (status === undefined) return true;
    if (status === TIMEOUT) return false;
    throw statusError(status, 'event.waitSync()');
  }

  protected override closing(handle: Handle): void {
    rejectWaits(this, handle);
  }
}

/** Epoch and flag; another number after each set(). Less than zero: a status. */
function stateOf(handle: Handle): number {
  quick[HANDLE] = handle;
  return eventState();
}

function openOrCreate(options: NameOptions | OpenedEvent | undefined): Handle {
  if (options instanceof OpenedEvent) return openReference(options.reference, native.kind.EVENT);
  checkOptions(options);
  const { name, opening } = checkNameOptions(options);
  return orThrow(native.eventCreate(name, opening), `new Event(${name === '' ? '' : `{ name: '${name}' }`})`);
}

registerShareable(Event, {
  kind: 'Event',
  describe: (event: Event) => event.reference(),
  revive: (reference: string) => new Event(new OpenedEvent(reference) as NameOptions),
});
