/**
 * Starts a cell in a process group of its own, and sees to it that the group is gone afterwards, whatever happens:
 * a cell that hangs is killed when its time is up, one that leaves a process behind has failed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CellSpec, Outcome } from '../cell/spec.js';
import { projectRoot } from '../data/root.js';
import type { DriverEntry } from '../drivers/catalogue.js';
import type { Trial } from '../trials/trial.js';

export interface CellLimits {
  /** Time for the timed laps. */
  seconds: number;
  /** A lap that takes longer has lost something. */
  stallMs: number;
  /** A cell that takes longer is killed. */
  limitMs: number;
}

/** Once a cell's first process has ended, the rest of its group has this long to follow. */
const GRACE_MS = 2_000;
/** What a failed cell wrote to standard error, as much of it as is worth showing. */
const STDERR_SHOWN = 2_000;

const hostScript = fileURLToPath(new URL('../cell/host.js', import.meta.url));
const pythonScript = join(projectRoot, 'bench', 'python', 'main.py');

/** The groups under way, so that an interrupted run can end them. */
const groups = new Set<number>();
const directories = new Set<string>();

/** Ends every cell under way and removes its files; for a run that is interrupted. */
export function abandonCells(): void {
  for (const group of groups) killGroup(group);
  for (const directory of directories) removeDirectory(directory);
}

/** Runs one cell in fresh processes. Never rejects: what went wrong is the outcome. */
export async function runCell(trial: Trial, driver: DriverEntry, limits: CellLimits): Promise<Outcome> {
  // Python's cells have no use for one.
  const directory = driver.runtime === 'node' ? mkdtempSync(join(tmpdir(), 'procloom-bench-')) : '';
  directories.add(directory);
  try {
    const spec: CellSpec = {
      job: trial.job,
      driver: driver.module,
      seconds: limits.seconds,
      stallMs: limits.stallMs,
      directory,
    };
    return await runProcess(driver, spec, limits.limitMs);
  } catch (error) {
    return { ok: false, error: String(error) };
  } finally {
    removeDirectory(directory);
  }
}

function removeDirectory(directory: string): void {
  if (directory !== '') rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}

async function runProcess(driver: DriverEntry, spec: CellSpec, limitMs: number): Promise<Outcome> {
  const [command, args] = commandOf(driver, spec);
  const child = spawn(command, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const group = child.pid;
  if (group === undefined) {
    return new Promise((resolve) =>
      child.once('error', (error) => resolve({ ok: false, error: `${command} did not start: ${error.message}` })),
    );
  }
  groups.add(group);
  child.stdin.on('error', () => undefined);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_SHOWN)));

  let overdue = false;
  const watchdog = setTimeout(() => {
    overdue = true;
    killGroup(group);
  }, limitMs);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exit = await new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)),
  );
  clearTimeout(watchdog);
  const leftBehind = !overdue && !(await groupEnds(group, GRACE_MS));
  killGroup(group);
  await closed;
  groups.delete(group);

  if (overdue) return failed(`did not end within ${limitMs} ms and was killed`, stderr);
  const outcome = parseOutcome(stdout);
  if (outcome === undefined) return failed(`ended with ${exit} and no outcome`, stderr);
  if (!outcome.ok) return failed(outcome.error, stderr);
  if (leftBehind) return failed('left a process behind, which was killed', stderr);
  return outcome;
}

function commandOf(driver: DriverEntry, spec: CellSpec): [string, string[]] {
  if (driver.runtime === 'node') return [process.execPath, [hostScript, JSON.stringify(spec)]];
  const data = { binary: process.execPath, lockfile: join(projectRoot, 'package-lock.json') };
  // -B: no files of compiled code among the sources.
  return ['python3', ['-B', pythonScript, JSON.stringify({ ...spec, ...data })]];
}

function failed(error: string, stderr: string): Outcome {
  return { ok: false, error: stderr.trim() === '' ? error : `${error}\n${stderr.trim()}` };
}

/** The last line that is an outcome: a driver may have printed others. */
function parseOutcome(stdout: string): Outcome | undefined {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function groupEnds(group: number, patienceMs: number): Promise<boolean> {
  for (let waitedMs = 0; groupLives(group); waitedMs += 20) {
    if (waitedMs >= patienceMs) return false;
    await sleep(20);
  }
  return true;
}

function groupLives(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
