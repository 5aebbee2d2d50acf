// What node-gyp needs of the system, asked before it starts: its own complaints are long, and say late what is missing.
import { spawnSync } from 'node:child_process';

const runs = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

export const hasMake = () => runs('make') || runs('gmake');

export function hasPython() {
  const chosen = process.env.npm_config_python ?? process.env.PYTHON;
  return chosen ? runs(chosen) : runs('python3') || runs('python');
}

/** A sentence about what is missing for a build of the addon, or undefined when all is there. */
export function missingForBuild() {
  if (process.platform === 'win32') return undefined;
  const missing = [];
  const compilers = process.env.CXX ? [process.env.CXX.split(' ')[0]] : ['c++', 'g++', 'clang++'];
  if (!compilers.some(runs)) missing.push(`a C++20 compiler (tried ${compilers.join(', ')})`);
  if (!hasMake()) missing.push('make');
  if (!hasPython()) missing.push('Python 3 (node-gyp is written in it)');
  if (missing.length === 0) return undefined;
  const remedy =
    process.platform === 'darwin'
      ? 'xcode-select --install'
      : 'on Debian and Ubuntu: apt-get install g++ make python3; on Fedora: dnf install gcc-c++ make python3; ' +
        'on Alpine: apk add g++ make python3';
  return `The addon cannot be compiled, because this is missing: ${missing.join('; ')}. Install it (${remedy}) and try again.`;
}
