/** Where and with what a run was made: a figure without it means nothing. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../data/root.js';

export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  platform: string;
  arch: string;
  kernel: string;
}

export interface Versions {
  procloom: string;
  node: string;
  v8: string;
  uv: string;
  /** null where there is no python3. */
  python: string | null;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    platform: process.platform,
    arch: process.arch,
    kernel: release(),
  };
}

export function describeVersions(): Versions {
  const { node, v8, uv } = process.versions;
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  return { procloom: manifest.version, node, v8, uv, python: pythonVersion() };
}

/** python3 without its multiprocessing (some small systems have that) is no python3 for us. */
function pythonVersion(): string | null {
  const program = 'import multiprocessing.synchronize, platform; print(platform.python_version())';
  return output('python3', ['-c', program]);
}

/** The commit that is checked out, with a '+' if files differ from it; null outside a checkout. */
export function describeCommit(): string | null {
  const commit = output('git', ['-C', projectRoot, 'rev-parse', '--short=12', 'HEAD']);
  if (commit === null) return null;
  return output('git', ['-C', projectRoot, 'status', '--porcelain', '--untracked-files=no']) ? `${commit}+` : commit;
}

function output(command: string, args: string[]): string | null {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
