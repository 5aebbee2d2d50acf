/**
 * Who of this thread waits on a condition, and whom of them a notification is for.
 *
 * The addon counts how many of this thread wait and how many were notified (native/sync/condition.h). Here the
 * notifications are dealt out: to those that wait longest, so that none is used by one that came after it. Only a blocked
 * wait, beside which nobody else of its thread can go on, takes the next one that comes while it is blocked.
 */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { LIMIT, orThrow, TIMEOUT } from '../addon/status-error.js';
import { createError } from '../errors/codes.js';

const { conditionEnter, conditionNotified, conditionSleep, conditionTake, conditionLeave, conditionHandOn } = native;

/** kConditionCells of native/layout/condition-layout.h. */
const MOST_ENVIRONMENTS = 120;

/** Those of this thread that wait on one condition, whatever object they came by. */
interface Room {
  readonly handle: Handle;
  /** Not yet notified, first come first. */
  readonly unnotified: Set<ConditionWait>;
  /** How many were notified and have not ended. */
  promised: number;
}

const rooms = new Map<Handle, Room>();

function promise(room: Room, wait: ConditionWait): void {
  room.unnotified.delete(wait);
  room.promised++;
  wait.notified = true;
}

function dealOut(room: Room, granted: number): void {
  for (const wait of room.unnotified) {
    if (room.promised >= granted) return;
    promise(room, wait);
  }
}

/** One that waits, from wait() until its lock is held again. */
export class ConditionWait {
  readonly #room: Room;
  readonly #asked: string;
  notified = false;
  /** Has ended: it counts no more. */
  over = false;

  /** REQUIRES: the lock is held. Throws SegmentError if too many processes and threads wait. */
  constructor(handle: Handle, asked: string) {
    const owed = conditionEnter(handle);
    if (owed === LIMIT) {
      throw createError('ERR_PROCLOOM_SEGMENT_LIMIT', asked, {
        why: `${MOST_ENVIRONMENTS} processes and threads wait on this condition, and no more can at once`,
        remedy: 'Notify some of them first, or share them out among several conditions.',
      });
    }
    orThrow(owed, asked);
    const room = rooms.get(handle) ?? { handle, unnotified: new Set(), promised: 0 };
    rooms.set(handle, room);
    dealOut(room, owed); // what was given before we came is for others
    room.unnotified.add(this);
    this.#room = room;
    this.#asked = asked;
  }

  /** Whether it was notified by now. */
  look(): boolean {
    if (!this.notified) this.#deal();
    return this.notified;
  }

  /** Blocks until it is notified, or the time has passed. */
  sleep(timeoutMs: number): void {
    const room = this.#room;
    const status = conditionSleep(room.handle, room.promised, timeoutMs);
    if (status === TIMEOUT) return;
    orThrow(status, this.#asked);
    promise(room, this);
  }

  /**
   * It waits no more; whether it was notified. One that does not use its notification hands it on. Again does nothing.
   *
   * REQUIRES: the lock is held again, or never will be.
   */
  end(uses: boolean): boolean {
    if (this.over) return false;
    this.over = true;
    const room = this.#room;
    while (!this.notified) {
      if (orThrow(conditionLeave(room.handle, room.promised), this.#asked) === 1) {
        room.unnotified.delete(this);
        this.#leaveRoom();
        return false;
      }
      this.#deal(); // somebody was notified just now, and it may be this one
    }
    room.promised--;
    orThrow(uses ? conditionTake(room.handle) : conditionHandOn(room.handle), this.#asked);
    this.#leaveRoom();
    return true;
  }

  #deal(): void {
    const room = this.#room;
    dealOut(room, orThrow(conditionNotified(room.handle, room.promised), this.#asked));
  }

  #leaveRoom(): void {
    const { handle, unnotified, promised } = this.#room;
    if (unnotified.size === 0 && promised === 0) rooms.delete(handle);
  }
}
