/** What programs say about the processes that 'forkserver' keeps ready. */
import { checkInteger, invalidArgument } from '../errors/arguments.js';
import { checkTarget } from '../target/target.js';
import { setSpares } from './start/spares.js';

const MOST = 1024;

/**
 * The modules that a process of 'forkserver' has imported before it is handed out: paths relative to the caller, names of
 * packages, or URLs. A module that fails to import is left to whoever imports it later. Ready processes that have other
 * modules are ended.
 *
 * Python: `multiprocessing.set_forkserver_preload`. The main module is not preloaded unless it is in the list; there
 * isMainProcess() is false, as in any child.
 *
 * @throws SerializeError for a file that is not there
 */
export function setForkserverPreload(modules: ReadonlyArray<string | URL>): void {
  if (!Array.isArray(modules)) throw invalidArgument(TypeError, 'modules must be an array of paths and URLs', modules);
  setSpares({ preload: modules.map(urlOf) });
}

function urlOf(module: string | URL, at: number): string {
  const checked = checkTarget({ module }, `modules[${at}]`) as { module: string };
  return checked.module;
}

/**
 * How many processes 'forkserver' keeps ready: by default as many as there are processors, up to four; 0 for none. Each
 * takes the memory of a Node that does nothing (some 45 MB) and is made up for in the background when it is handed out.
 * They are first made after the first start.
 *
 * Of procloom's own: Python's server forks as many as are asked for.
 */
export function setForkserverSpares(count: number): void {
  setSpares({ count: checkInteger('count', count, 0, MOST) });
}
