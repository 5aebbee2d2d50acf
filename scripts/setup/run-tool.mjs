// Runs one tool of the set-up: quiet while all is well, everything it said when it fails.
import { spawn } from 'node:child_process';

import { root } from './places.mjs';

export class SetupError extends Error {}

/** Rejects with a SetupError that carries the output. `npm` and friends are scripts on Windows, hence the shell there. */
export function runTool(command, args, { verbose = false, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: verbose ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.on('error', (error) => {
      reject(new SetupError(`${command} could not be started (${error.message}). Is it installed and on the PATH?`));
    });
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      reject(new SetupError(`${[command, ...args].join(' ')} ${how}.\n${output.trimEnd()}`));
    });
  });
}
