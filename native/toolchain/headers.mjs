// Where Node's headers are, so that node-gyp need not download them.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether `directory`/include/node holds the headers of this very Node. */
function holdsOurHeaders(directory) {
  const versionFile = join(directory, 'include/node/node_version.h');
  if (!existsSync(versionFile) || !existsSync(join(directory, 'include/node/common.gypi'))) return false;
  const text = readFileSync(versionFile, 'utf8');
  const [major, minor, patch] = ['MAJOR', 'MINOR', 'PATCH'].map(
    (part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
  );
  return process.version === `v${major}.${minor}.${patch}`;
}

/** The folder that holds include/node/ for this Node, as node-gyp's nodedir; undefined when nobody knows of one. */
export function nodeDirectory() {
  if (process.env.npm_config_nodedir) return process.env.npm_config_nodedir;
  const besideNode = dirname(dirname(process.execPath));
  if (holdsOurHeaders(besideNode)) return besideNode;
  const asked = spawnSync('npm', ['config', 'get', 'nodedir'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const configured = asked.status === 0 ? asked.stdout.trim() : '';
  return configured && configured !== 'undefined' && configured !== 'null' ? configured : undefined;
}

/** The arguments that tell node-gyp so. Without any it downloads the headers. */
export function headerArguments() {
  const directory = nodeDirectory();
  return directory ? [`--nodedir=${directory}`] : [];
}
