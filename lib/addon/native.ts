/**
 * The seam: everything the C++ addon offers, as TypeScript sees it.
 *
 * C++ knows bytes, order and the kernel; TypeScript knows people. Verbs take a handle and primitives or bytes
 * and return a number: zero or more is a result, less than zero is a status of {@link Native.status}. Times are
 * milliseconds: less than zero waits for ever, zero does not wait.
 */

/** A shared object as this environment knows it. A number rests long before it is used again: a stale one is "closed". */
export type Handle = number;

/** How a name is opened: attach or create, create only, attach only. */
export const OPEN_EITHER = 0;
export const OPEN_CREATE = 1;
export const OPEN_ATTACH = 2;

/** What the addon knows of the last call that failed in this environment. */
export interface Failure {
  /** The system's error number, 0 where none was involved. */
  errno: number;
  /** The file of the segment, as a path. */
  path: string;
  /** Bytes that were asked for, and that the file system had free, where memory was the matter. */
  asked: number;
  free: number;
  /** What was found and what was expected, in words; '' where the status says it all. */
  detail: string;
}

/** One segment in the private directory, as `list()` finds it. */
export interface SegmentInfo {
  file: string;
  kind: number;
  bytes: number;
  named: boolean;
  /** Whether a living process has it open. */
  used: boolean;
}

export interface Native {
  // ------------------------------------------------------------------------------------------- facts
  /** Every status by name (native/layout/status.h). */
  readonly status: Readonly<Record<StatusName, number>>;
  /** Every kind of object by name (native/layout/kind.h). */
  readonly kind: Readonly<Record<KindName, number>>;
  /** The body of waiting that was chosen at build time. */
  readonly body: 'linux' | 'posix';
  /** The hash of all layouts, as it stands in each segment's header. */
  readonly fingerprint: string;
  /** The private directory. */
  readonly directory: string;

  // ------------------------------------------------------------------------------------ environment
  /** This environment's token: it stands in the words of the locks it holds. Joins on first use; a status on failure. */
  token(): number;
  /** Gives up everything this environment holds, as its end would. */
  leave(): void;
  /** Removes what the dead have left; returns how many segments went. */
  sweep(): number;
  list(): SegmentInfo[];
  lastFailure(): Failure;
  /** FUTEX_WAKE calls (or semaphore posts) and rings of doorbells made by this process so far. */
  wakes(): { threads: number; loops: number };

  // ---------------------------------------------------------------------------------------- handles
  /** The reference by which another environment opens the same object: '<file>#<part>'. */
  reference(handle: Handle): string | number;
  /** Opens a referenced object of that kind. The same object opened twice is the same handle, counted. */
  open(reference: string, kind: number): Handle;
  retain(handle: Handle): number;
  /** Gives up one opening; the last gives up the object. A pending wait of this handle is not told: lib does that. */
  close(handle: Handle): number;
  /** Removes the name of a named object; MISSING when there was none. */
  unlink(name: string): number;
  /** Counts a reference that is on its way in a message of `carrier` (a queue, a pipe, a memory); it keeps the object. */
  flightBegin(handle: Handle, carrier: Handle): number;
  flightEnd(handle: Handle): number;

  /** Where the verbs without an argument find what they are to know (quick.ts): the same array on each call. */
  quick(): Uint32Array | number;
  /** What `put` and `get` copy from and to, 64 KiB: the same array on each call. */
  scratch(): Uint8Array | number;

  // --------------------------------------------------------------------------------------- waiting
  /**
   * Where pending promises hang. `bellWatch(handle, point)` announces that this environment's loop waits for a
   * point (POINT_ACQUIRE of locks, semaphores and events, POINT_NOTIFIED of conditions, POINT_READ or POINT_WRITE of
   * channels, POINT_JOIN of queues, POINT_ARRIVE or POINT_PASS of barriers) and returns 0; the caller then tries once more before it trusts the
   * bell, and says bellUnwatch when nobody waits there any more, however that came. `bellListen(fn, levels)` sets what is called, on the loop,
   * whenever this environment was rung or a death may have to be noticed. `levels[0]` says whether waits are pending: 0 none
   * (bell asleep), 1 pending but not keeping the process alive, 2 pending; `levels[1]` is what the addon acts on. It comes to
   * know of a lower one by itself, of a higher one by bellHold().
   */
  bellListen(fn: () => void, levels: Uint8Array): number;
  bellHold(): number;
  /**
   * Sleeps, blocking, until this environment is rung, one of the processes has ended, the time has passed, or it is time to
   * look whether somebody died.
   */
  bellSleep(pids: Int32Array, timeoutMs: number): number;
  bellWatch(handle: Handle, point: number): number;
  /** No promise waits for the point any more; a ring that was already spent on this environment is passed on. */
  bellUnwatch(handle: Handle, point: number): number;

  // ------------------------------------------------------------------------------------------ locks
  /** name '' makes an anonymous one. */
  lockCreate(kind: number, name: string, open: number): Handle;
  /** 0 taken, 1 taken from a dead owner, TIMEOUT. */
  lockAcquire(handle: Handle, timeoutMs: number): number;
  /** lockAcquire without a timeout, of the handle in `quick` (quick.ts); undefined instead of 0. */
  lockTake(): number | undefined;
  lockTry(handle: Handle): number;
  /** Of the handle in `quick`: undefined when it is done, NOT_LOCKED when nobody held it. */
  lockRelease(): number | undefined;
  /** The same, but the next owner is told that an owner died (1), as this one was. */
  lockReleaseMarked(handle: Handle): number;
  /** The owner's token, 0 when free. */
  lockOwner(handle: Handle): number;
  /** 1 while held by one who took it from the dead. */
  lockAbandoned(handle: Handle): number;

  // ------------------------------------------------------------------------------------- semaphores
  semaphoreCreate(kind: number, name: string, open: number, value: number, maximum: number): Handle;
  semaphoreAcquire(handle: Handle, timeoutMs: number): number;
  semaphoreTry(handle: Handle): number;
  /** OVERFLOW when it would pass the maximum; then nothing changed. */
  semaphoreRelease(handle: Handle, n: number): number;
  semaphoreValue(handle: Handle): number;
  semaphoreMaximum(handle: Handle): number;

  // ------------------------------------------------------------------- semaphores with owned permits
  ownedCreate(kind: number, name: string, open: number, maximum: number): Handle;
  /** 0, TIMEOUT, LIMIT when too many environments hold permits at once. */
  ownedAcquire(handle: Handle, timeoutMs: number): number;
  ownedTry(handle: Handle): number;
  /** NOT_LOCKED when this environment has fewer; then nothing changed. */
  ownedRelease(handle: Handle, n: number): number;
  ownedValue(handle: Handle): number;

  // ----------------------------------------------------------------------------------------- events
  eventCreate(name: string, open: number): Handle;
  /** Of the handle in `quick`: undefined when it is done. */
  eventSet(): number | undefined;
  eventClear(): number | undefined;
  /** Of the handle in `quick`: `epoch * 2 + set`, an even number while it is not set, another one after each set(). */
  eventState(): number;
  /** By `quick`: 1 if a wait that began in that state is over, as it is set or was so meanwhile. */
  eventOver(): number;
  /** undefined when it is set or was so since the call, or TIMEOUT. */
  eventWait(handle: Handle, timeoutMs: number): number | undefined;

  // --------------------------------------------------------------------------------------- barriers
  /** `policy` is a text that a second opener of the name finds as the first one gave it; its parties must agree. */
  barrierCreate(name: string, open: number, parties: number, policy: string): Handle;
  barrierParties(handle: Handle): number;
  barrierPolicy(handle: Handle): string | number;
  /**
   * Arrives without waiting: `index * 4 + MET_…`, TIMEOUT while one must wait to arrive, BROKEN_BARRIER. `acts`: this one
   * runs an action if it comes last. Who is inside looks with its index until it has passed or been broken: then it has left.
   */
  barrierArrive(handle: Handle, acts: boolean): number;
  barrierLook(handle: Handle, index: number): number;
  /** Arrives and waits, blocking: MET_PASSED or MET_TO_ACT. A timeout breaks the barrier, and is BROKEN_BARRIER. */
  barrierWait(handle: Handle, acts: boolean, timeoutMs: number): number;
  /** The one that was to act has done so. As barrierLook. */
  barrierActed(handle: Handle): number;
  /** The one with that index waits no longer, and so breaks the barrier, unless it had passed already. As barrierLook. */
  barrierGiveUp(handle: Handle, index: number): number;
  barrierAbort(handle: Handle): number;
  barrierReset(handle: Handle): number;
  /** How many wait for the others. */
  barrierWaiting(handle: Handle): number;
  /** 1 if it is broken. */
  barrierBroken(handle: Handle): number;
  // ------------------------------------------------------------------------------------- conditions
  /**
   * `lockKind` and `lock` (its reference, '' for the one that comes with the condition) must agree with those of a
   * condition of that name (else MISMATCH).
   */
  conditionCreate(name: string, open: number, lockKind: number, lock: string): Handle;
  /** One more of this environment waits. Gives how many of those before it are notified and have not taken it; LIMIT. */
  conditionEnter(handle: Handle): number;
  /** How many of this environment are notified and have not taken it. If no more than `owed`, looks for the dead first. */
  conditionNotified(handle: Handle, owed: number): number;
  /** Blocks until more than `owed` are notified, 0; or TIMEOUT. Takes nothing. */
  conditionSleep(handle: Handle, owed: number, timeoutMs: number): number;
  /** One that was notified goes on; 0 if none was. */
  conditionTake(handle: Handle): number;
  /** One that was not notified goes, 1; or 0, and nothing changed, if more than `owed` are. */
  conditionLeave(handle: Handle, owed: number): number;
  /** One that was notified goes and does not use it: another one is notified, if any waits. */
  conditionHandOn(handle: Handle): number;
  /** Notifies up to n of all that wait; how many. */
  conditionNotify(handle: Handle, n: number): number;

  // ----------------------------------------------------------------------------------------- memory
  /**
   * Memory for a value or an array, beginning with the bytes `initial`, the rest zero. `shape` is a short text (type and length) that a second opener of the
   * name must repeat (else MISMATCH); it is kept with the memory.
   */
  memoryCreate(name: string, open: number, kind: number, shape: string, bytes: number, initial: Uint8Array): Handle;
  /** The text given at creation. */
  memoryShape(handle: Handle): string | number;
  /** 1 if this call created it, 0 if it was there (named ones). */
  memoryCreated(handle: Handle): number;
  /** The memory itself; it stays mapped while the buffer lives. The same buffer on each call. */
  memoryBuffer(handle: Handle): ArrayBuffer | number;
  /** Detaches that buffer, so that its memory need not wait for the garbage collector; not while it is open twice here. */
  memoryDetach(handle: Handle): number;

  // --------------------------------------------------------------------------------------- channels
  /** Two ends; a duplex pipe has a channel each way. */
  pipeCreate(duplex: boolean, capacityBytes: number): [Handle, Handle] | number;
  /** maxsize 0: no limit; capacityBytes 0: no limit. `ackOnDeath`: what its consumers had in hand is done when they die. */
  queueCreate(
    name: string,
    open: number,
    kind: number,
    maxsize: number,
    capacityBytes: number,
    ackOnDeath: boolean,
  ): Handle;
  queueMaxsize(handle: Handle): number;
  /** By `quick`: puts what lies in the scratch as one message of a codec (0…15). undefined, or TIMEOUT when full, BROKEN, … */
  put(): number | undefined;
  /** Puts bytes[offset, offset + size). */
  putBytes(
    handle: Handle,
    bytes: ArrayBufferView,
    offset: number,
    size: number,
    codec: number,
    timeoutMs: number,
  ): number;
  /** Puts bytes[0, size) with the parts between them: parts[i] before the byte at positions[i]. */
  putParts(
    handle: Handle,
    bytes: ArrayBufferView,
    size: number,
    parts: readonly ArrayBufferView[],
    positions: readonly number[],
    codec: number,
    timeoutMs: number,
  ): number;
  /** putBytes of all bytes, as bytes, for ever. */
  putWhole(handle: Handle, bytes: ArrayBufferView): number;
  /** By `quick`, where its size and codec are told: takes one message into the scratch. TOO_LONG leaves it (see peek). */
  get(): number | undefined;
  /**
   * Takes one message into bytes[offset, …); length * 16 + codec. TOO_LONG leaves it, and so does NOT_BYTES unless
   * values are welcome.
   */
  getBytes(handle: Handle, bytes: ArrayBufferView, offset: number, values: boolean, timeoutMs: number): number;
  /** getBytes, bytes only, for ever. */
  getAt(handle: Handle, bytes: ArrayBufferView, offset: number): number;
  /** Waits for a message and leaves it: length * 16 + codec, TIMEOUT, END. */
  peek(handle: Handle, timeoutMs: number): number;
  /**
   * The place of a message of so many bytes, to be written and then published (its first `size` bytes) or given up: both
   * detach it. Nobody else puts meanwhile; RESERVED for those who would wait for themselves.
   */
  reserve(handle: Handle, size: number, timeoutMs: number): ArrayBuffer | number;
  reservePublish(handle: Handle, place: ArrayBuffer, size: number): number;
  reserveGiveUp(handle: Handle, place: ArrayBuffer): number;
  /**
   * The next message where it lies (NOT_BYTES unless it is one, or values are welcome), until it is returned, which
   * detaches it. Nobody else gets meanwhile.
   */
  borrow(handle: Handle, values: boolean, timeoutMs: number): ArrayBuffer | number;
  /** Of what this thread has borrowed. */
  borrowedCodec(handle: Handle): number;
  /** It is consumed, or the next message still. */
  borrowReturn(handle: Handle, place: ArrayBuffer, consumed: boolean): number;
  /** Messages queued (to be read through this handle). */
  count(handle: Handle): number;
  /** 1 if maxsize (or capacity) is reached. */
  full(handle: Handle): number;
  shutdown(handle: Handle): number;
  /** What is queued is dropped: [codec, bytes] of each message with HOLDS_REFERENCES in its codec, or a status. */
  shutdownNow(handle: Handle): [codec: number, bytes: Buffer][] | number;

  // ------------------------------------------------------------------------------------------- tasks
  /** One item that was got is done. OVERFLOW when all that were got are. */
  taskDone(handle: Handle): number;
  /** What is to be remembered where a wait begins: how many items were put by then, and when nothing was unfinished before. */
  tasksState(handle: Handle): number;
  /** 1 if nothing is unfinished, or was so since the state was `begun`. */
  tasksOver(handle: Handle, begun: number): number;
  /** Waits for that, blocking: 0 or TIMEOUT. */
  tasksJoin(handle: Handle, timeoutMs: number): number;

  // ------------------------------------------------------------------------------------- descriptors
  /** Leaves a duplicate where whoever takes the message out can fetch it: an object that can only travel, and be closed. */
  descriptorLeave(fd: number): Handle;
  /** Fetches it by its reference, once: a descriptor, open here. MISSING, TIMEOUT, SYSTEM. */
  descriptorTake(reference: string): number;
  /** fs.closeSync() warns in a worker of what it has not opened itself. */
  descriptorClose(fd: number): number;

  // ---------------------------------------------------------------------------------------- children
  /**
   * Starts a process, faster than Node: the child does not begin as a copy of this one. Its pid, or SYSTEM (on the body
   * 'posix' always). Signals are as if nobody had handled or blocked any.
   *
   * @param file a path, nothing that is looked up
   * @param args with that of the program itself, the first; no text here may contain a zero character
   * @param env NAME=value
   * @param cwd '': that of this process
   * @param ends what its descriptors 0, 1, … are to be (nothing 0, as here 1, a stream 2); afterwards this process's
   *   ends of streams, which the caller closes, or -1
   * @param onEnd called once on the event loop, with its exit code, or minus the signal that killed it; 255 when
   *   somebody else has reaped it
   */
  childStart(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    ends: Int32Array,
    onEnd: (exitcode: number) => void,
  ): number;
  /** Whether a process that childStart started keeps the event loop going; at first it does. */
  childHold(pid: number, firmly: boolean): number;
  /** Waits for a child of this process without reaping it: 0 ended, TIMEOUT, or MISSING when it is no child. */
  childWait(pid: number, timeoutMs: number): number;
  /** After childWait gave 0: its exit code, or minus the signal that killed it. */
  childStatus(pid: number): number;
  /** Have the system kill this process when its parent (`pid`) dies; END if it is dead already. */
  dieWithParent(pid: number): number;
  /** Has that event set when this environment has ended, however it did: it has left, and none of its code runs any more. */
  announceEnd(event: Handle): number;
  /** Sleeps until the descriptor takes bytes, or for a short while. */
  awaitWritable(fd: number): number;
}

export type StatusName =
  | 'OK'
  | 'TIMEOUT'
  | 'CLOSED'
  | 'END'
  | 'BROKEN'
  | 'SHUT_DOWN'
  | 'TOO_LONG'
  | 'NOT_LOCKED'
  | 'OVERFLOW'
  | 'DAMAGED'
  | 'FOREIGN'
  | 'EXISTS'
  | 'MISSING'
  | 'NO_SPACE'
  | 'DENIED'
  | 'LINK'
  | 'MISMATCH'
  | 'SYSTEM'
  | 'LIMIT'
  | 'BAD_ARGUMENT'
  | 'WRONG_DIRECTION'
  | 'NOT_BYTES'
  | 'BROKEN_BARRIER'
  | 'RESERVED';

export type KindName =
  | 'REGISTRY'
  | 'ARENA'
  | 'LOCK'
  | 'RLOCK'
  | 'SEMAPHORE'
  | 'BOUNDED_SEMAPHORE'
  | 'VALUE'
  | 'ARRAY'
  | 'PIPE'
  | 'QUEUE'
  | 'JOINABLE_QUEUE'
  | 'SIMPLE_QUEUE'
  | 'EVENT'
  | 'CONDITION'
  | 'BARRIER'
  | 'OWNED_SEMAPHORE'
  | 'OWNED_BOUNDED_SEMAPHORE';

/** The points of an object for which a loop can wait. */
export const POINT_ACQUIRE = 0;
export const POINT_NOTIFIED = 0;
export const POINT_READ = 0;
export const POINT_WRITE = 1;
export const POINT_ARRIVE = 0;
export const POINT_PASS = 1;
export const POINT_JOIN = 2;
/** How many points an object has at most. */
export const POINTS = 3;

/** A bit of a message's codec: it counts objects as being on their way. */
export const HOLDS_REFERENCES = 8;

/** What came of an arrival at a barrier: it passed, it waits for the others, it is the last and is to act. */
export const MET_PASSED = 0;
export const MET_INSIDE = 1;
export const MET_TO_ACT = 2;
