/**
 * The children of this process that may still run, and what becomes of them when it ends: daemons are terminated, the
 * others are waited for. (They also keep the event loop alive; this is for process.exit() and uncaught errors.)
 */
import { native } from '../addon/loader.js';
import type { Child } from './child.js';

/** How often it is looked whether a child has all that it needs. */
const LOOK_MS = 5;
/** How long a daemon has to end by itself when its parent ends. */
const GRACE_MS = 1000;

const running = new Map<Child, object>();
let watching = false;

/** @param owner what activeChildren() gives for it */
export function addChild(child: Child, owner: object): void {
  if (!watching) {
    watching = true;
    // Before this process leaves what it shares (lib/memory/leave.ts), and after that.
    process.prependListener('exit', handOver);
    process.on('exit', endAll);
  }
  running.set(child, owner);
  void child.ended.then(() => running.delete(child));
}

/** The owners of those that are alive. */
export function ownersOfRunning(): object[] {
  for (const child of running.keys()) if (child.hasEnded(0)) running.delete(child);
  return [...running.values()];
}

/** What was sent is gone with its sender: who is still on its way has it first, but daemons, which will not need it. */
function handOver(): void {
  const onTheirWay = [...running.keys()].filter((child) => !child.standsAlone);
  for (const child of onTheirWay) if (child.daemon) child.signal('SIGKILL');
  for (const child of onTheirWay) while (!child.hasEnded(child.daemon ? -1 : LOOK_MS) && !child.standsAlone);
}

function endAll(): void {
  const children = [...running.keys()];
  const daemons = children.filter((child) => child.daemon);
  for (const daemon of daemons) daemon.signal('SIGTERM');
  for (const child of children) if (!child.daemon) child.hasEnded(-1);
  for (const daemon of daemons) {
    if (daemon.hasEnded(GRACE_MS)) continue;
    daemon.signal('SIGKILL');
    daemon.hasEnded(-1);
  }
  // Waiting for a thread has joined anew.
  native.leave();
}
