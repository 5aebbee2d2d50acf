/**
 * A descriptor on its way: the only handle that the addon knows, and what all others are made of when they travel.
 *
 *     sender:    leave(fd) ──▶ a duplicate in the cloakroom of this process, which goes with the flights of the message
 *     receiver:  arrive(reference) ──▶ fetched from there, once ──▶ into(build) or close()
 *
 * See native/memory/cloakroom.h.
 */
import { getSystemErrorName } from 'node:util';

import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { MISSING, TIMEOUT } from '../addon/status-error.js';
import { createError } from '../errors/codes.js';
import { CLOSED_HANDLE } from '../memory/shared-object.js';
import { registerShareable } from '../serialize/shareables.js';

export class Passage {
  /** @internal Of what was left here; flights are counted by it. */
  handle: Handle;
  /** Of what arrived. */
  readonly #fd: number;
  #drop: (() => void) | undefined;

  private constructor(handle: Handle, fd: number = -1) {
    this.handle = handle;
    this.#fd = fd;
    if (fd >= 0) this.#drop = () => native.descriptorClose(fd);
  }

  /** Leaves a duplicate of `fd` for the message that is being written now. `what` is being sent, as messages call it. */
  static leave(fd: number, what: string): Passage {
    const handle = native.descriptorLeave(fd);
    if (handle < 0) throw notLeft(fd, what);
    const passage = new Passage(handle);
    // By then the message is put, or keeps it open by itself, or will never be.
    queueMicrotask(() => passage.close());
    return passage;
  }

  /** Fetches what was left over there. */
  static arrive(reference: string): Passage {
    const fd = native.descriptorTake(String(reference));
    if (fd < 0) throw lost(fd);
    return new Passage(CLOSED_HANDLE, fd);
  }

  /** Builds what has the descriptor from now on; `drop` ends it again if the rest of the message cannot be read. */
  into<T>(build: (fd: number) => T, drop: (built: T) => void): T {
    const built = build(this.#fd);
    this.#drop = () => drop(built);
    return built;
  }

  /** @internal By which another process fetches it. */
  reference(): string {
    return native.reference(this.handle) as string;
  }

  /** Gives up what was left (what is in flight stays), or what arrived and what was built of it. */
  close(): void {
    const handle = this.handle;
    this.handle = CLOSED_HANDLE;
    if (handle !== CLOSED_HANDLE) native.close(handle);
    const drop = this.#drop;
    this.#drop = undefined;
    drop?.();
  }
}

function notLeft(fd: number, what: string): Error {
  const { errno, path, detail } = native.lastFailure();
  const name = errno === 0 ? '' : getSystemErrorName(-errno);
  const asked = `sending ${what}`;
  if (name === 'EBADF') {
    return createError('ERR_PROCLOOM_HANDLE', asked, {
      why: `${fd} is no open descriptor`,
      remedy: 'Send it before it is closed: it may be closed as soon as the call has returned.',
    });
  }
  if (name === 'EMFILE' || name === 'ENFILE') {
    return createError('ERR_PROCLOOM_HANDLE', asked, {
      why: `there is no room for a duplicate of descriptor ${fd} (${name})`,
      remedy: 'Close some descriptors, or raise the limit (ulimit -n).',
    });
  }
  return createError('ERR_PROCLOOM_HANDLE', asked, { why: `the system refused: ${detail} ${path}`.trimEnd() });
}

function lost(status: number): Error {
  const { errno, detail, path } = native.lastFailure();
  const asked = 'receiving a descriptor';
  if (status === MISSING || status === TIMEOUT) {
    return createError('ERR_PROCLOOM_HANDLE_LOST', asked, { why: `${detail} (${path})` });
  }
  const name = errno === 0 ? '' : getSystemErrorName(-errno);
  if (name !== 'EMFILE' && name !== 'ENFILE') {
    return createError('ERR_PROCLOOM_HANDLE_LOST', asked, { why: `the system refused: ${detail} (${path})` });
  }
  return createError('ERR_PROCLOOM_HANDLE_LOST', asked, {
    why: `there is no room for one more (${name})`,
    remedy: 'The message is lost. Close some descriptors, or raise the limit (ulimit -n).',
  });
}

registerShareable(Passage, {
  kind: 'Descriptor',
  describe: (passage: Passage) => passage.reference(),
  revive: (reference: string) => Passage.arrive(reference),
  discard: (passage: Passage) => passage.close(),
});
