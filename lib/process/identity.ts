/**
 * What this process is in the tree of processes: the main one, or a child of procloom's.
 *
 * Nothing else is loaded for it, because every child needs it. run-job.ts says who a child is; nobody else does.
 */
import type { StartMethod } from './start-method.js';

export interface ParentIdentity {
  name: string;
  pid: number;
  /** Whether it is a thread that was started as a child. */
  isThread: boolean;
}

export interface ThreadIdentity {
  /** Its number in its process. */
  ident: number;
  /** Where its output goes, if that is not where its process's does. */
  output: 'nowhere' | 'parent' | undefined;
  /** Ends it, as if its parent did. */
  end: (signal: NodeJS.Signals) => void;
}

export interface Identity {
  name: string;
  /** The numbers on the way from the main process: [] is the main one, [1, 2] the second child of its first. */
  path: readonly number[];
  daemon: boolean;
  /** undefined until somebody needs one. */
  authkey: Buffer | undefined;
  /** undefined in the main process. */
  parent: ParentIdentity | undefined;
  /** Of a child that is a thread. */
  thread: ThreadIdentity | undefined;
  /** The default that the parent has fixed. */
  startMethod: StartMethod | null;
  /** The module that this child is importing for its target; undefined before and after. */
  importing: string | undefined;
  /** How many it has constructed. */
  children: number;
}

const identityKey = Symbol.for('procloom.identity');

/**
 * Kept with the process and not in this module: compilers to CommonJS, and packages that bring a procloom of their own,
 * make several copies of this module, and a copy that took a child for a main process would let it start children
 * without end.
 */
const process = globalThis.process as NodeJS.Process & { [identityKey]?: Identity };

export function ownIdentity(): Identity {
  return (process[identityKey] ??= {
    name: 'MainProcess',
    path: [],
    daemon: false,
    authkey: undefined,
    parent: undefined,
    thread: undefined,
    startMethod: null,
    importing: undefined,
    children: 0,
  });
}

/** Called once, by the bootstrap of a child. */
export function becomeChild(child: Omit<Identity, 'children'>): void {
  process[identityKey] = { ...child, children: 0 };
}

/** The path of the next child; each constructed process takes one, started or not. */
export function nextPath(): readonly number[] {
  const identity = ownIdentity();
  return [...identity.path, ++identity.children];
}

/** The key of this process, made up when it is first asked for. */
export function ownAuthkey(): Buffer {
  const identity = ownIdentity();
  if (identity.authkey === undefined) {
    // Loading node:crypto takes a millisecond, which children who inherit their key are spared.
    identity.authkey = process.getBuiltinModule('node:crypto').randomBytes(32);
  }
  return identity.authkey;
}
