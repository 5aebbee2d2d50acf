/** Runs the compiled benchmark as its users do. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface BenchRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

const main = fileURLToPath(new URL('../../dist-bench/main.js', import.meta.url));

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
}

export async function runBench(...args: string[]): Promise<BenchRun> {
  return watchBench(args, () => undefined);
}

/** The same, with the process in hand. */
export async function watchBench(args: string[], withProcess: (child: ChildProcess) => void): Promise<BenchRun> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  withProcess(child);
  const run: BenchRun = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (run.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (run.stderr += text));
  run.code = await new Promise((resolve) => child.once('close', resolve));
  return run;
}
