/** procloom: Python's multiprocessing for Node.js, over shared memory. */
import './handle/node-kinds.js';
import './memory/leave.js';

export { Connection } from './connection/connection.js';
export type { DuplexOptions } from './connection/duplex.js';
export type { Borrowed, Reservation } from './connection/in-place.js';
export { Pipe, type PipeOptions } from './connection/pipe.js';
export {
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
} from './errors/errors.js';
export { type Context, getContext } from './context/context.js';
export { DupFd } from './handle/dup-fd.js';
export { type NameOptions, type Shareable, unlink } from './memory/shared-object.js';
export { cpuCount } from './process/cpu-count.js';
export { freezeSupport } from './process/freeze-support.js';
export { inline } from './target/inline.js';
export { setExecutable } from './process/executable.js';
export { setForkserverPreload, setForkserverSpares } from './process/forkserver-settings.js';
export { isMainProcess } from './process/main-process.js';
export { activeChildren, currentProcess, parentProcess } from './process/current.js';
export { Process } from './process/process.js';
export type { ProcessOptions } from './process/process-options.js';
export { getAllStartMethods, getStartMethod, setStartMethod, type StartMethod } from './process/start-method.js';
export type { Target } from './target/target.js';
export type { QueueOptions } from './queue/item-queue.js';
export { JoinableQueue, type JoinableQueueOptions } from './queue/joinable-queue.js';
export { Queue } from './queue/queue.js';
export { SimpleQueue } from './queue/simple-queue.js';
export { RawArray, SharedArray, SharedArray as Array } from './sharedtypes/array.js';
export type { SharedOptions } from './sharedtypes/lock-option.js';
export type { TypeCode, ValueOf, ViewOf, Views } from './sharedtypes/type-codes.js';
export { RawValue, Value } from './sharedtypes/value.js';
export type { Guard } from './sync/acquirable.js';
export { Barrier, type BarrierOptions } from './sync/barrier.js';
export { Event } from './sync/event.js';
export { Condition } from './sync/condition.js';
export { Lock, type LockOptions, type OwnerDeathPolicy } from './sync/lock.js';
export type { SyncWaitOptions, WaitOptions } from './sync/loop-waits.js';
export { RLock } from './sync/rlock.js';
export { wait, type Waitable, waitSync } from './wait/wait.js';
export { BoundedSemaphore, Semaphore, type SemaphoreOptions } from './sync/semaphore.js';
