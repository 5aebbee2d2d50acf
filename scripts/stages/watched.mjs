// Runs a program of the test suite under a watchdog, in a process group of its own, so that a hang ends the run with a
// sentence and leaves no process behind.
import { spawn } from 'node:child_process';

import { root } from '../setup/places.mjs';

/**
 * @param options.limitMs the watchdog: far above what the program ever needs
 * @param options.quiet collect the output only
 * @param options.passInterrupt the first Ctrl-C is the program's, which ends early then; the second ends it
 * @returns `{ code, signal, output, hung, lingered }`; lingered: a descendant still had its output open 5 s after its end
 */
export function runWatched(
  command,
  args,
  { env = {}, cwd = root, limitMs = 300_000, quiet = false, passInterrupt = false } = {},
) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    let hung = false;
    let lingered = false;
    const endGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    };
    const watchdog = setTimeout(() => {
      hung = true;
      endGroup();
    }, limitMs);
    // A detached group does not get the terminal's Ctrl-C.
    let passes = passInterrupt;
    const interrupted = (signal) => {
      if (passes && signal === 'SIGINT') {
        passes = false;
        child.kill('SIGINT');
        return;
      }
      endGroup();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
    const take = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take(process.stdout));
    child.stderr.setEncoding('utf8').on('data', take(process.stderr));
    child.on('error', reject);
    child.on('exit', () => {
      // Descendants that hold the output open would keep 'close' from coming.
      setTimeout(() => {
        lingered = true;
        endGroup();
      }, 5_000).unref();
    });
    child.on('close', (code, signal) => {
      clearTimeout(watchdog);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      resolve({ code, signal, output, hung, lingered });
    });
  });
}

/** Whether it ended by itself, well, and with all of its descendants. */
export const endedWell = ({ code, hung, lingered }) => code === 0 && !hung && !lingered;

/** How a program ended, in words. */
export function ending({ code, signal, hung, lingered }, limitMs) {
  if (lingered) return 'left a process behind that still had its output open, and was ended';
  if (hung) return `was still running after ${limitMs / 1000} s and was ended`;
  return signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
}
