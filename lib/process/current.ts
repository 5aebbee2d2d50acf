/** The objects that stand for this process, its parent and its children. */
import { ownersOfRunning } from './children.js';
import { type Identity, ownIdentity } from './identity.js';
import { Process } from './process.js';

let own: Process | undefined;
let ownParent: Process | null | undefined;
let madeFor: Identity | undefined;

/** @internal The object that the child's bootstrap made of what it was sent. */
export function setCurrentProcess(current: Process): void {
  knownIdentity();
  own = current;
}

/** A process that was ready before it was needed becomes somebody else. */
function knownIdentity(): Identity {
  const identity = ownIdentity();
  if (madeFor !== identity) {
    madeFor = identity;
    own = undefined;
    ownParent = undefined;
  }
  return identity;
}

/** The object of this process: in a child the one that was started, elsewhere one named 'MainProcess'. */
export function currentProcess(): Process {
  const { name, path, daemon } = knownIdentity();
  if (own === undefined) {
    own = Process.of({ role: 'self', name, path, daemon, pid: process.pid, job: undefined });
  }
  return own;
}

/** The process that started this one; null in the main process. It can be asked isAlive() and joined. */
export function parentProcess(): Process | null {
  const { parent, path } = knownIdentity();
  if (ownParent === undefined) {
    ownParent =
      parent === undefined
        ? null
        : Process.of({ role: 'parent', ...parent, path: path.slice(0, -1), daemon: false, job: undefined });
  }
  return ownParent;
}

/** The children of this process that are alive. */
export function activeChildren(): Process[] {
  return ownersOfRunning() as Process[];
}
