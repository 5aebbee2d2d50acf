/**
 * Once before all tests: what they run on is compiled and up to date. PROCLOOM_SETUP=skip leaves it as it is.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function build(): void {
  if (process.env['PROCLOOM_SETUP'] === 'skip') return;
  const script = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url));
  const result = spawnSync(process.execPath, [script, '--bench'], { stdio: 'inherit' });
  if (result.status !== 0) {
    throw new Error('The set-up failed, see above. PROCLOOM_SETUP=skip runs the tests on what was compiled before.');
  }
}
