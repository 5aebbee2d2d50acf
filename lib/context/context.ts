/** Contexts: the package's API with a start method of its own. */
import { Connection } from '../connection/connection.js';
import { Pipe } from '../connection/pipe.js';
import { cpuCount } from '../process/cpu-count.js';
import { activeChildren, currentProcess, parentProcess } from '../process/current.js';
import { setExecutable } from '../process/executable.js';
import { setForkserverPreload, setForkserverSpares } from '../process/forkserver-settings.js';
import { freezeSupport } from '../process/freeze-support.js';
import { isMainProcess } from '../process/main-process.js';
import { Process } from '../process/process.js';
import {
  checkStartMethod,
  getAllStartMethods,
  getStartMethod,
  type StartMethod,
  tieToStartMethod,
} from '../process/start-method.js';
import { JoinableQueue } from '../queue/joinable-queue.js';
import { Queue } from '../queue/queue.js';
import { SimpleQueue } from '../queue/simple-queue.js';
import { RawArray, SharedArray } from '../sharedtypes/array.js';
import { RawValue, Value } from '../sharedtypes/value.js';
import { Barrier } from '../sync/barrier.js';
import { Condition } from '../sync/condition.js';
import { Event } from '../sync/event.js';
import { Lock } from '../sync/lock.js';
import { RLock } from '../sync/rlock.js';
import { BoundedSemaphore, Semaphore } from '../sync/semaphore.js';

/** What is the same whatever starts the processes: shared objects work between all of them. */
const sharedApi = {
  Connection,
  Pipe,
  Queue,
  JoinableQueue,
  SimpleQueue,
  Value,
  Array: SharedArray,
  RawValue,
  RawArray,
  Lock,
  RLock,
  Semaphore,
  BoundedSemaphore,
  Condition,
  Event,
  Barrier,
  activeChildren,
  cpuCount,
  currentProcess,
  freezeSupport,
  getAllStartMethods,
  getContext,
  isMainProcess,
  parentProcess,
  setExecutable,
  setForkserverPreload,
  setForkserverSpares,
};

/**
 * The package's API, whose processes start by one method. Its Process is a class of its own (named SpawnProcess, …), and
 * subclasses of that start by the method, too; everything else is the package's own.
 */
export interface Context extends Readonly<typeof sharedApi> {
  readonly Process: typeof Process;
  getStartMethod(): StartMethod;
}

class SpawnProcess extends Process {}
class ForkserverProcess extends Process {}
class ThreadProcess extends Process {}

const classes: Readonly<Record<StartMethod, typeof Process>> = {
  spawn: SpawnProcess,
  forkserver: ForkserverProcess,
  thread: ThreadProcess,
};
const contexts = new Map<StartMethod, Context>();

/**
 * A context: of that start method, whatever the default is, or of the default, which is fixed by that. The same object
 * each time.
 *
 * Python: `multiprocessing.get_context`.
 */
export function getContext(method?: StartMethod): Context {
  const chosen = method === undefined ? getStartMethod() : checkStartMethod(method);
  let context = contexts.get(chosen);
  if (context === undefined) {
    tieToStartMethod(classes[chosen], chosen);
    context = Object.freeze({ ...sharedApi, Process: classes[chosen], getStartMethod: () => chosen });
    contexts.set(chosen, context);
  }
  return context;
}
