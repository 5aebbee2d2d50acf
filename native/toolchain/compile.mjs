// Compiles the addon with node-gyp. Used by scripts/setup (in the checkout) and by `procloom-build` (in a copy of the
// published sources), so that there is one way to do it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { headerArguments } from './headers.mjs';
import { missingForBuild } from './requirements.mjs';

/** node-gyp's script: the one of this package's development, else the one that npm carries. */
function findNodeGyp(packageRoot) {
  try {
    return createRequire(join(packageRoot, 'package.json')).resolve('node-gyp/bin/node-gyp.js');
  } catch {
    // Not installed beside us: users have no reason to.
  }
  const candidates = [process.env.npm_config_node_gyp];
  const asked = () => {
    const answer = spawnSync('npm', ['root', '--global'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return answer.status === 0 ? join(answer.stdout.trim(), 'npm/node_modules/node-gyp/bin/node-gyp.js') : undefined;
  };
  const besideNode = join(process.execPath, '../../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js');
  candidates.push(besideNode, asked());
  const found = candidates.find((path) => path && existsSync(path));
  if (found) return found;
  throw new Error(
    `node-gyp, which compiles the addon, was not found; it comes with npm. Looked at: ` +
      `${candidates.filter(Boolean).join(', ')}. Install it (npm install --global node-gyp) and set ` +
      `npm_config_node_gyp to its bin/node-gyp.js.`,
  );
}

function runNodeGyp(script, args, { cwd, env, onOutput }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      onOutput?.(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      reject(new Error(`node-gyp ${args[0]} ${how} in ${cwd}:\n${output.trimEnd()}`));
    });
  });
}

/**
 * Compiles the addon.
 *
 * @param options.packageRoot where this package's dependencies are found
 * @param options.workFolder holds binding.gyp and native/; gets build/
 * @param options.body 'linux' or 'posix'; undefined: what suits the system
 * @param options.warningsAreErrors
 * @param options.onOutput is given what the tools print, as it comes
 * @param options.target the addon's name in binding.gyp
 * @returns the path of the compiled addon
 */
export async function compileAddon({
  packageRoot,
  workFolder,
  body,
  warningsAreErrors = false,
  onOutput,
  target = 'procloom',
}) {
  const missing = missingForBuild();
  if (missing) throw new Error(missing);
  const script = findNodeGyp(packageRoot);
  const addonApi = createRequire(join(packageRoot, 'package.json')).resolve('node-addon-api/package.json');
  const env = { ...process.env, PROCLOOM_NAPI_INCLUDE: join(addonApi, '..') };
  const variables = [...(body ? [`--procloom_body=${body}`] : []), `--procloom_werror=${warningsAreErrors ? 1 : 0}`];
  const run = (args) => runNodeGyp(script, args, { cwd: workFolder, env, onOutput });
  // Not 'rebuild': what was compiled and did not change is kept.
  await run(['configure', ...variables, ...headerArguments()]);
  await run(['build', '--jobs=max', ...headerArguments()]);
  const result = join(workFolder, `build/Release/${target}.node`);
  if (!existsSync(result)) throw new Error(`node-gyp reported success, but ${result} is not there.`);
  return result;
}
