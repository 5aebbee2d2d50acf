// The directory of shared memory that a run of the suite uses, and the proof that the run left nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

import { at } from '../setup/places.mjs';

const sharedMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** The directory that the library takes when nobody says otherwise. */
export const defaultDirectory = join(sharedMemory, `procloom-${process.getuid?.() ?? 0}`);

/** A directory of its own for one run, so that runs at the same time do not see each other. */
const directoryFor = (run) => join(sharedMemory, `procloom-test-${process.pid}-${run}`);

/** All files below; each test file has a folder of its own in the directory of a run. */
function contents(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}
const semaphores = () => readdirSync(sharedMemory).filter((name) => name.startsWith('sem.procloom'));

const allPids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/**
 * What the C library leaves where a process is killed inside of sem_open(), before the semaphore has its name: nobody can
 * find it by that. Named ones of six letters look the same, so those that somebody has mapped are none.
 */
function unfinishedSemaphores() {
  const names = readdirSync(sharedMemory).filter((name) => /^sem\.[A-Za-z0-9]{6}$/.test(name));
  if (names.length === 0) return names;
  const mapped = allPids().map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/maps`, 'latin1');
    } catch {
      return ''; // it ended, or is another user's
    }
  });
  return names.filter((name) => !mapped.some((maps) => maps.includes(join(sharedMemory, name))));
}

/** Every process below a stage inherits this variable, so that one that stays behind is found wherever it went. */
const marker = 'PROCLOOM_TEST_RUN';

/** Processes of the stage that still live (zombies have no environment left, and are their parents' concern). */
function processesOf({ run }) {
  if (!existsSync('/proc/self/environ')) return [];
  const found = [];
  for (const name of allPids()) {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
      if (!environment.includes(`${marker}=${run}`)) continue;
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').join(' ').trim();
      found.push({ pid: Number(name), command });
    } catch {
      // It ended while it was looked at, or is another user's.
    }
  }
  return found;
}

/**
 * The files that processes other than these have open: another program's, if it uses the same directory. (Who uses a
 * segment holds a lock on it, and so has it open.)
 */
function heldByOthers(ours) {
  const held = new Set();
  if (!existsSync('/proc/self/fd')) return held;
  const pids = allPids().filter((name) => !ours.some(({ pid }) => pid === Number(name)));
  for (const pid of pids) {
    try {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        const info = statSync(`/proc/${pid}/fd/${descriptor}`, { throwIfNoEntry: false });
        if (info?.isFile() || info?.isFIFO()) held.add(`${info.dev}:${info.ino}`);
      }
    } catch {
      // It ended while it was looked at, or is another user's.
    }
  }
  return held;
}

/** Whether it belongs to a registry that another program has open: its name says which file that is (os/posix/wait.cc). */
const isOf = (held) => (semaphore) =>
  [...held].some((file) => {
    const [device, inode] = file.split(':').map(BigInt);
    return semaphore.startsWith(`sem.procloom-${((device << 40n) ^ inode).toString(16)}-`);
  });

/** They were counted; the next stage is to start without them. */
function end(processes) {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/**
 * Begins a stage: `env` is for the programs that it runs, the rest is what was there before it, as other programs may
 * use the default directory too.
 */
export function beginRun(name, directory = directoryFor(name)) {
  const run = `${process.pid}-${name}`;
  const env = { [marker]: run, ...(directory === defaultDirectory ? {} : { PROCLOOM_DIR: directory }) };
  return {
    run,
    directory,
    env,
    files: contents(directory),
    semaphores: semaphores(),
    unfinished: unfinishedSemaphores(),
  };
}

/**
 * What a killed process leaves is cleared away by the next program that uses the library. A test may kill the last of
 * them, and vitest ends its workers with a signal: so one more comes by, as users' programs do.
 */
function comeBy({ env }, addon) {
  const program = `import { Lock } from '${pathToFileURL(at('dist/index.js'))}'; new Lock().close();`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, ...env, ...(addon ? { PROCLOOM_ADDON: addon } : {}) },
    stdio: 'inherit',
    timeout: 60_000,
  });
}

/**
 * Counts one check each for processes, files and semaphores; then removes a directory of the stage's own.
 *
 * @param options.addon the addon that the stage used: another body of waiting has another registry
 * @param options.killed whether the stage may have killed programs of the library's, so that another is to come by
 */
export function checkNothingLeft(begun, outcome, { addon, killed = false } = {}) {
  const { directory } = begun;
  const check = (what, left) => {
    if (left.length === 0) outcome.pass();
    else outcome.fail(`${what}: ${left.join(', ')}`);
  };
  const processes = processesOf(begun);
  check(
    'processes were left',
    processes.map(({ pid, command }) => `${pid} (${command})`),
  );
  if (killed) comeBy(begun, addon);
  const held = heldByOthers(processes);
  const isHeld = (file) => {
    const info = statSync(join(directory, file), { throwIfNoEntry: false });
    return !info || held.has(`${info.dev}:${info.ino}`);
  };
  check(
    `files were left in ${directory}`,
    contents(directory).filter((file) => !begun.files.includes(file) && !isHeld(file)),
  );
  check(
    `semaphores were left in ${sharedMemory}`,
    semaphores().filter((name) => !begun.semaphores.includes(name) && !isOf(held)(name)),
  );
  end(processes);
  for (const name of unfinishedSemaphores()) {
    if (!begun.unfinished.includes(name)) rmSync(join(sharedMemory, name), { force: true });
  }
  if (directory !== defaultDirectory) rmSync(directory, { recursive: true, force: true });
}
