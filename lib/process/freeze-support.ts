/** Children of programs that are packed into one executable: they are that program again, and come here. */
import { invalidArgument } from '../errors/arguments.js';
import { givePackedMain, isPacked, packedMainUrl } from '../target/packed-main.js';
import { ownIdentity } from './identity.js';
import { JOB_VARIABLE, type JobHead } from './job.js';
import { readLongHead } from './received-body.js';
import { runHead, takeOn } from './run-job.js';

/**
 * To be called first thing by the main module of a program that is packed into one executable (Node's single executable
 * applications); elsewhere it does nothing. A child of such a program is the same program, started again: there this call
 * takes over. The rest of the main module is evaluated as if it were imported: isMainProcess() is false, and a process
 * started outside of `if (isMainProcess()) { … }` is a ProcessError. Then the child does what it is for, and ends.
 *
 *     freezeSupport();
 *     if (isMainProcess()) new Process({ target: work }).start();
 *
 * Python: `multiprocessing.freeze_support`, which does not return in a child. No function of JavaScript can do that without
 * blocking, so what Python would not reach stands behind the guard, where it stands anyway.
 *
 * @param main the main module's `module`, by whose `exports` its functions are found. It need not be given where procloom is
 *   bundled into the program.
 */
export function freezeSupport(main: { exports: unknown } | undefined = mainOfBundle()): void {
  if (main !== undefined && !(typeof main === 'object' && main !== null && 'exports' in main)) {
    throw invalidArgument(TypeError, "main must be the main module's `module`", main);
  }
  if (!isPacked()) return;
  givePackedMain(main ?? { exports: {} });
  const text = process.env[JOB_VARIABLE];
  if (text === undefined) return;
  delete process.env[JOB_VARIABLE];
  const head = JSON.parse(text.startsWith('#') ? readLongHead(text.slice(1)) : text) as JobHead;
  takeOn(head);
  ownIdentity().importing = packedMainUrl();
  // When the main module is through, so that it has exported everything.
  setImmediate(() => {
    ownIdentity().importing = undefined;
    // An error goes the way of all unhandled ones.
    void runHead(head);
  });
}

/** Where this was bundled to CommonJS it stands in the main module, and that has a `require`. */
function mainOfBundle(): { exports: unknown } | undefined {
  return typeof require === 'undefined' ? undefined : require.main;
}
