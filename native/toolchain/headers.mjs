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

/**
 * The arguments that tell node-gyp where the headers are. None when npm said so already in the environment, or when
 * nobody knows: node-gyp then downloads them.
 */
export function headerArguments() {
  if (process.env.npm_config_nodedir) return [];
  const besideNode = dirname(dirname(process.execPath));
  if (holdsOurHeaders(besideNode)) return [`--nodedir=${besideNode}`];
  const asked = spawnSync('npm', ['config', 'get', 'nodedir'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const configured = asked.status === 0 ? asked.stdout.trim() : '';
  return configured && configured !== 'undefined' && configured !== 'null' ? [`--nodedir=${configured}`] : [];
}
