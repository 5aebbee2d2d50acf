// Attempts of fixtures/memory/attempt.mjs: in a process of their own, in the private directory that it is given.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../fixtures/memory/attempt.mjs', import.meta.url));

export interface Outcome {
  gave?: unknown;
  name?: string;
  code?: string;
  message?: string;
}

/** One attempt: what, and its arguments. */
export type Attempt = [what: string, ...args: unknown[]];

/** Attempts in one process. A signal (SIGBUS, SIGSEGV) is this test's failure, whatever was expected. */
export function attemptAll(
  directory: string,
  attempts: Attempt[],
  who: { uid?: number; gid?: number } = {},
): Outcome[] {
  const { status, signal, stdout } = spawnSync(process.execPath, [program, JSON.stringify(attempts)], {
    ...who,
    env: { ...process.env, PROCLOOM_DIR: directory },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${JSON.stringify(attempts)} ended with ${signal ?? status}: ${stdout}`);
  return JSON.parse(stdout) as Outcome[];
}

export function attempt(directory: string, ...what: Attempt): Outcome {
  return attemptAll(directory, [what])[0]!;
}
