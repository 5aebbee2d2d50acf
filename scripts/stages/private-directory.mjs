// The directory of shared memory that a run of the suite uses, and the proof that the run left nothing.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const sharedMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** The directory that the library takes when nobody says otherwise. */
export const defaultDirectory = join(sharedMemory, `procloom-${process.getuid?.() ?? 0}`);

/** A directory of its own for one run, so that runs at the same time do not see each other. */
export const directoryFor = (run) => join(sharedMemory, `procloom-test-${process.pid}-${run}`);

/** All files below; each test file has a folder of its own in the directory of a run. */
function contents(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}
const semaphores = () => readdirSync(sharedMemory).filter((name) => name.startsWith('sem.procloom'));

/** Processes that were started with PROCLOOM_DIR in or at `directory` and live (zombies do not). */
function processesOf(directory) {
  if (!existsSync('/proc/self/environ')) return [];
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (environment.some((entry) => `${entry}/`.startsWith(`PROCLOOM_DIR=${directory}/`))) {
        found.push(`${pid} (${readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim()})`);
      }
    } catch {
      // It ended while it was looked at, or is another user's.
    }
  }
  return found;
}

/** What is there before a run, for {@link checkNothingLeft}: the default directory is shared with other programs. */
export const remember = (directory) => ({ directory, files: contents(directory), semaphores: semaphores() });

/** Counts one check each for files, semaphores and processes; then removes a directory of the suite's own. */
export function checkNothingLeft(before, outcome) {
  const { directory } = before;
  const check = (what, left) => {
    if (left.length === 0) outcome.pass();
    else outcome.fail(`${what}: ${left.join(', ')}`);
  };
  check('processes were left', processesOf(directory));
  check(`files were left in ${directory}`, contents(directory).filter((file) => !before.files.includes(file)));
  check('semaphores were left in /dev/shm', semaphores().filter((name) => !before.semaphores.includes(name)));
  if (directory !== defaultDirectory) rmSync(directory, { recursive: true, force: true });
}
