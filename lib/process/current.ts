/** The objects that stand for this process, its parent and its children. */
import { ownersOfRunning } from './children.js';
import { ownIdentity } from './identity.js';
import { Process } from './process.js';

let own: Process | undefined;
let ownParent: Process | null | undefined;

/** @internal The object that the child's bootstrap made of what it was sent. */
export function setCurrentProcess(current: Process): void {
  own = current;
}

/** The object of this process: in a child the one that was started, elsewhere one named 'MainProcess'. */
export function currentProcess(): Process {
  if (own === undefined) {
    const { name, path, daemon } = ownIdentity();
    own = Process.of({ role: 'self', name, path, daemon, pid: process.pid, job: undefined });
  }
  return own;
}

/** The process that started this one; null in the main process. It can be asked isAlive() and joined. */
export function parentProcess(): Process | null {
  if (ownParent === undefined) {
    const { parent, path } = ownIdentity();
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
