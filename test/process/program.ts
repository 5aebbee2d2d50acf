// Runs a fixture as a program of its own and tells how it ended.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/process/${name}`, import.meta.url));
}

export function runProgram(name: string, ...args: string[]): Promise<Ended> {
  return runNode([fixture(name), ...args]);
}

/** Runs node with these flags and arguments. */
export function runNode(args: string[], options?: RunOptions): Promise<Ended> {
  return runExecutable(process.execPath, args, options);
}

export async function runExecutable(file: string, args: string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { ...(await ended), stdout, stderr };
}

/** The ways in which the fixtures end that can end in several: for people, as an argument, and their exit code. */
export const waysToEnd = [
  ['by itself', 'return', 0],
  ['by process.exit()', 'exit', 4],
  ['by an error', 'throw', 1],
] as const;

/** Ends a program by a signal, which has printed the pids of others; after that they are running no more. */
export async function endBySignal(signal: NodeJS.Signals, name: string, ...args: string[]): Promise<number[]> {
  const parent = spawn(process.execPath, [fixture(name), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => parent.once('exit', resolve));
  const line = await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data))));
  const pids = line.trim().split(' ').map(Number);
  if (!pids.every(isRunning)) throw new Error(`not all of ${line} are running`);
  parent.kill(signal);
  await ended;
  await until(() => !pids.some(isRunning));
  return pids;
}

/** Until it holds, or the watchdog of the test strikes. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A zombie, which whoever inherited it has not reaped yet, does not run. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
