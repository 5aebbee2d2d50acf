/**
 * The classes of errors that procloom throws.
 *
 * Every one has a `code` ('ERR_PROCLOOM_…') for programs and a sentence for people; codes.ts is the list of codes.
 * `name` stands on the prototypes, so that it is neither enumerable nor copied by spreading.
 */

/** What an error carries beside its sentence. */
export interface ProcloomErrorOptions {
  /** One of the codes of codes.ts; each class has a default. */
  code?: string;
  cause?: unknown;
}

/** The root of all errors of this package. `cause` is always kept. */
export class ProcloomError extends Error {
  /** 'ERR_PROCLOOM_…': stable, unlike the message. */
  declare readonly code: string;

  constructor(message?: string, options: ProcloomErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    // Until it is assigned, `this.code` is the prototype's: the default of the class.
    (this as { code: string }).code = options.code ?? this.code;
  }
}

/** Something about a process, or about talking to one, went wrong. Python: `multiprocessing.ProcessError`. */
export class ProcessError extends ProcloomError {}

/** The message is longer than the memory it was to be copied into; it was taken, and is carried here whole. */
export class BufferTooShort extends ProcessError {
  /** The whole message. */
  readonly bytes: Buffer;

  constructor(message: string | undefined, options: ProcloomErrorOptions & { bytes: Buffer }) {
    super(message, options);
    this.bytes = options.bytes;
  }
}

/** The other side does not know the authentication key. */
export class AuthenticationError extends ProcessError {}

/** The time given passed before it was done; nothing was taken or changed. */
export class TimeoutError extends ProcessError {}

/** A queue had no item within the time given. Python: `queue.Empty`. */
export class Empty extends ProcloomError {}

/** A queue had no room within the time given. Python: `queue.Full`. */
export class Full extends ProcloomError {
  /** Of putMany(): how many items went in before. */
  declare readonly count?: number;

  constructor(message?: string, options: ProcloomErrorOptions & { count?: number } = {}) {
    super(message, options);
    if (options.count !== undefined) this.count = options.count;
  }
}

/** The queue was shut down. Python: `queue.ShutDown`. */
export class ShutDown extends ProcloomError {}

/** Nothing is left to receive, and nobody is left who could send. */
export class EOFError extends ProcloomError {}

/** Nobody is left who could receive. */
export class BrokenPipeError extends ProcloomError {}

/** This handle was closed. */
export class ClosedError extends ProcloomError {}

/** The object is in a state that forbids the call: release of an unlocked lock, start twice, taskDone too often. */
export class StateError extends ProcloomError {}

/** Only the one who holds it may do that. */
export class NotOwnerError extends StateError {}

/** The process or thread that held the lock ended without releasing it, and the lock's policy is to say so. */
export class OwnerDiedError extends ProcloomError {}

/** The barrier is broken until reset(). Python: `threading.BrokenBarrierError`. */
export class BrokenBarrierError extends ProcloomError {}

/** A segment exists already, is missing, is foreign (another layout), damaged, or memory ran out; `code` tells which. */
export class SegmentError extends ProcloomError {}

/** The value cannot travel, or what arrived is no value. */
export class SerializeError extends ProcloomError {
  /** The part of the value that cannot travel, as one would write it: 'users[3].name'; '' is the value itself. */
  readonly path: string;

  constructor(message?: string, options: ProcloomErrorOptions & { path?: string } = {}) {
    super(message, options);
    this.path = options.path ?? '';
  }
}

/** Raised over there: name, message and stack of the original, which is the `cause`. */
export class RemoteError extends ProcloomError {}

/** The worker that ran this task died. */
export class WorkerLostError extends ProcloomError {
  readonly pid: number;
  /** Its exit code, or minus the signal that killed it. */
  readonly exitcode: number;

  constructor(message: string | undefined, options: ProcloomErrorOptions & { pid: number; exitcode: number }) {
    super(message, options);
    this.pid = options.pid;
    this.exitcode = options.exitcode;
  }
}

/** One row a class: the code it has where none is given. */
export const defaultCodes = [
  [ProcloomError, 'ERR_PROCLOOM'],
  [ProcessError, 'ERR_PROCLOOM_PROCESS'],
  [BufferTooShort, 'ERR_PROCLOOM_BUFFER_TOO_SHORT'],
  [AuthenticationError, 'ERR_PROCLOOM_AUTHENTICATION'],
  [TimeoutError, 'ERR_PROCLOOM_TIMEOUT'],
  [Empty, 'ERR_PROCLOOM_EMPTY'],
  [Full, 'ERR_PROCLOOM_FULL'],
  [ShutDown, 'ERR_PROCLOOM_SHUT_DOWN'],
  [EOFError, 'ERR_PROCLOOM_EOF'],
  [BrokenPipeError, 'ERR_PROCLOOM_BROKEN_PIPE'],
  [ClosedError, 'ERR_PROCLOOM_CLOSED'],
  [StateError, 'ERR_PROCLOOM_STATE'],
  [NotOwnerError, 'ERR_PROCLOOM_NOT_OWNER'],
  [OwnerDiedError, 'ERR_PROCLOOM_OWNER_DIED'],
  [BrokenBarrierError, 'ERR_PROCLOOM_BROKEN_BARRIER'],
  [SegmentError, 'ERR_PROCLOOM_SEGMENT'],
  [SerializeError, 'ERR_PROCLOOM_SERIALIZE'],
  [RemoteError, 'ERR_PROCLOOM_REMOTE'],
  [WorkerLostError, 'ERR_PROCLOOM_WORKER_LOST'],
] as const;

for (const [errorClass, code] of defaultCodes) {
  Object.defineProperties(errorClass.prototype, {
    name: { value: errorClass.name, configurable: true, writable: true },
    code: { value: code, configurable: true, writable: true },
  });
}
