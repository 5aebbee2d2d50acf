// The folders and files that set-up, tests and tools speak of.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
export const at = (...parts) => join(root, ...parts);

export const bodies = ['linux', 'posix'];
/** The body of waiting that this system takes if nobody says otherwise. */
export const defaultBody = process.platform === 'linux' ? 'linux' : 'posix';
/** The bodies that can be compiled and tested on this system. */
export const testedBodies = process.platform === 'linux' ? bodies : ['posix'];

/** Where a body is compiled: the checkout itself for the default one, a folder beside it for the other. */
export const workFolder = (body) => (body === defaultBody ? root : at(`build-${body}`));
export const addonFile = (body) => join(workFolder(body), 'build/Release/procloom.node');

/** The benchmark's own addon: what procloom is measured beside, as bare as it can be. */
export const benchFolder = at('build-bench');
export const benchAddonFile = join(benchFolder, 'build/Release/procloom_bench.node');
