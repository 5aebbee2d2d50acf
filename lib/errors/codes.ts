/**
 * Every error code of procloom, one row each: the class it belongs to, what forbade the call, and what to do.
 *
 * A message is put together as `<what was asked>: <what forbade it>. <what to do>`; the caller knows the first part and
 * may know the others better than the table does. Wrong arguments are TypeErrors and RangeErrors: see arguments.ts.
 */
import {
  AuthenticationError,
  BrokenBarrierError,
  BrokenPipeError,
  BufferTooShort,
  ClosedError,
  Empty,
  EOFError,
  Full,
  NotOwnerError,
  OwnerDiedError,
  ProcessError,
  ProcloomError,
  RemoteError,
  SegmentError,
  SerializeError,
  ShutDown,
  StateError,
  TimeoutError,
  WorkerLostError,
} from './errors.js';

function row<C>(errorClass: C, why: string, remedy = ''): { class: C; why: string; remedy: string } {
  return { class: errorClass, why, remedy };
}

export const codes = {
  ERR_PROCLOOM: row(ProcloomError, 'it failed'),
  ERR_PROCLOOM_INTERNAL: row(
    ProcloomError,
    'procloom called its own addon wrongly',
    'This is a fault of procloom: please report it with this message and the stack.',
  ),
  ERR_PROCLOOM_ADDON_MISSING: row(
    ProcloomError,
    'no binary of the addon fits this platform',
    "Run 'npx procloom-build' to compile it here (a C++ compiler and Python are needed).",
  ),
  ERR_PROCLOOM_TIMEOUT: row(TimeoutError, 'the time given passed before it was done'),
  ERR_PROCLOOM_CLOSED: row(ClosedError, 'this handle was closed'),

  ERR_PROCLOOM_EMPTY: row(Empty, 'nothing was in the queue within the time given'),
  ERR_PROCLOOM_FULL: row(Full, 'the queue had no room within the time given'),
  ERR_PROCLOOM_SHUT_DOWN: row(ShutDown, 'the queue was shut down'),
  ERR_PROCLOOM_EOF: row(EOFError, 'every holder of the other end is gone and nothing is left to receive'),
  ERR_PROCLOOM_BROKEN_PIPE: row(BrokenPipeError, 'every holder of the other end is gone'),
  ERR_PROCLOOM_BUFFER_TOO_SHORT: row(
    BufferTooShort,
    'the message is longer than the memory given',
    "The whole message is in the error's `bytes`.",
  ),
  ERR_PROCLOOM_AUTHENTICATION: row(
    AuthenticationError,
    'the other side does not know the key',
    'Give both sides the same authkey.',
  ),

  ERR_PROCLOOM_STATE: row(StateError, 'its state forbids that'),
  ERR_PROCLOOM_NOT_LOCKED: row(StateError, 'nobody holds it', 'Call release() once for each acquire that gave true.'),
  ERR_PROCLOOM_OVERFLOW: row(
    StateError,
    'its value would pass its maximum',
    'Call release() once for each acquire that gave true.',
  ),
  ERR_PROCLOOM_WRONG_DIRECTION: row(
    StateError,
    'this end does not go in that direction',
    'Of a Pipe({ duplex: false }) the first end receives and the second sends.',
  ),
  ERR_PROCLOOM_RESERVED: row(
    StateError,
    'a message of this end is being written (or read) in place by this thread, which would wait for itself',
    'Commit or dispose of it first, or await.',
  ),
  ERR_PROCLOOM_NOT_BYTES: row(
    StateError,
    'the next message is a value, not bytes; it was left in place',
    'Take it with recv().',
  ),
  ERR_PROCLOOM_NOT_OWNER: row(NotOwnerError, 'only its holder may do that'),
  ERR_PROCLOOM_OWNER_DIED: row(
    OwnerDiedError,
    'the process or thread that held it ended without releasing it',
    'Check and repair what it protects before going on.',
  ),
  ERR_PROCLOOM_BROKEN_BARRIER: row(BrokenBarrierError, 'the barrier is broken', 'reset() makes it usable again.'),

  ERR_PROCLOOM_SEGMENT: row(SegmentError, 'the shared memory cannot be used'),
  ERR_PROCLOOM_SEGMENT_EXISTS: row(
    SegmentError,
    'the name is taken',
    "Choose another name, attach with { open: 'attach' }, or remove what has it with unlink(name).",
  ),
  ERR_PROCLOOM_SEGMENT_MISSING: row(
    SegmentError,
    'there is no such object',
    'It was never created, or it was unlinked, or everyone who held it is gone.',
  ),
  ERR_PROCLOOM_SEGMENT_FOREIGN: row(
    SegmentError,
    'its segment was made by a procloom with another layout of memory',
    'Let all processes use the same version; unlink(name) removes what an older one left.',
  ),
  ERR_PROCLOOM_SEGMENT_DAMAGED: row(
    SegmentError,
    'its segment contradicts itself',
    'It was truncated or written over by someone else; unlink(name) removes it.',
  ),
  ERR_PROCLOOM_SEGMENT_NO_SPACE: row(
    SegmentError,
    'there is not enough shared memory',
    'Free some, or give /dev/shm more room (docker run --shm-size, mount -o remount,size=…).',
  ),
  ERR_PROCLOOM_SEGMENT_DENIED: row(
    SegmentError,
    'it belongs to another user, or others may write to it',
    'The directory must be owned by this user with mode 0700, and its files must be private too.',
  ),
  ERR_PROCLOOM_SEGMENT_LINK: row(
    SegmentError,
    'a link or something that is no regular file stands in its place',
    'procloom never puts one there: find out who did, and remove it.',
  ),
  ERR_PROCLOOM_SEGMENT_MISMATCH: row(
    SegmentError,
    'the object of that name is of another kind or shape',
    'Open it with the class, type, length and limits it was created with, or choose another name.',
  ),
  ERR_PROCLOOM_SEGMENT_LIMIT: row(
    SegmentError,
    'too many processes and threads take part already',
    'Let some end before others begin.',
  ),
  ERR_PROCLOOM_SYSTEM: row(SegmentError, 'the system refused'),

  ERR_PROCLOOM_SERIALIZE: row(SerializeError, 'the value cannot travel'),
  ERR_PROCLOOM_DECODE: row(SerializeError, 'the bytes are no value that procloom wrote'),
  ERR_PROCLOOM_HANDLE: row(SerializeError, 'that handle cannot travel as it is'),
  ERR_PROCLOOM_HANDLE_LOST: row(
    SerializeError,
    'the descriptor that was sent is not there any more',
    'Its sender was killed, or is stopped; the message is lost.',
  ),
  ERR_PROCLOOM_TARGET: row(SerializeError, 'a child could not find that function'),

  ERR_PROCLOOM_PROCESS: row(ProcessError, 'the process failed'),
  ERR_PROCLOOM_SPAWN: row(
    ProcessError,
    'the system could not start a process or a thread',
    'Mostly there are too many (ulimit -u), too many descriptors are open (ulimit -n), or memory is short.',
  ),
  ERR_PROCLOOM_START_METHOD: row(
    ProcessError,
    'that start method cannot give it what was asked for',
    "Leave the option away, or start it by 'spawn': getContext('spawn').Process.",
  ),
  ERR_PROCLOOM_UNGUARDED_MAIN: row(
    ProcessError,
    'this process is a child that is still importing the main module',
    'Let the main module start processes only inside `if (isMainProcess()) { … }`, so that importing it starts none.',
  ),
  ERR_PROCLOOM_FREEZE_SUPPORT: row(
    ProcessError,
    'this program is packed into one executable, and its main module did not call freezeSupport()',
    'Let the main module call freezeSupport() first thing: in a child, which is the same program again, that is where the child does what it is for.',
  ),
  ERR_PROCLOOM_DAEMON_CHILDREN: row(
    ProcessError,
    'daemonic processes are not allowed to have children',
    'Start it from a process that is no daemon, or start this one with daemon: false.',
  ),
  ERR_PROCLOOM_REMOTE: row(RemoteError, 'it failed over there'),
  ERR_PROCLOOM_WORKER_LOST: row(WorkerLostError, 'the worker that ran it died'),
} as const;

export type ErrorCode = keyof typeof codes;

type ClassOf<C extends ErrorCode> = (typeof codes)[C]['class'];
type DetailsOf<C extends ErrorCode> = Omit<NonNullable<ConstructorParameters<ClassOf<C>>[1]>, 'code'>;

/** What the caller knows better than the table. */
export interface Wording {
  why?: string;
  remedy?: string;
}

/** `<asked>: <why>. <remedy>` */
export function sentence(asked: string, why: string, remedy: string): string {
  return remedy === '' ? `${asked}: ${why}.` : `${asked}: ${why}. ${remedy}`;
}

/**
 * The error of that code. `asked` is the call as the user wrote it, with the values that matter:
 * `createError('ERR_PROCLOOM_EMPTY', 'queue.get({ timeout: 50 })')`.
 */
export function createError<C extends ErrorCode>(
  code: C,
  asked: string,
  ...rest: object extends DetailsOf<C> ? [details?: DetailsOf<C> & Wording] : [details: DetailsOf<C> & Wording]
): InstanceType<ClassOf<C>> {
  const details = rest[0] as (DetailsOf<C> & Wording) | undefined;
  const { class: errorClass, why, remedy } = codes[code];
  const text = sentence(asked, details?.why ?? why, details?.remedy ?? remedy);
  const error = new (errorClass as new (message: string, options: object) => ProcloomError)(text, { ...details, code });
  Error.captureStackTrace?.(error, createError);
  return error as InstanceType<ClassOf<C>>;
}
