/** The program that children which are processes run. */
import { checkString } from '../errors/arguments.js';

let executable: string | undefined;

/**
 * The Node that children run from now on, instead of the one that runs this process: a path, or a name to be looked up in
 * PATH. It must be able to load the same addon. Children of the children run what their parent runs.
 *
 * Python: `multiprocessing.set_executable`.
 */
export function setExecutable(path: string): void {
  executable = checkString('path', path);
}

/** What a child is to run. */
export function ownExecutable(): string {
  return executable ?? process.execPath;
}
