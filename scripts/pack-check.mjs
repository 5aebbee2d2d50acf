// `npm run pack:check`: packs the package and uses it as a user would.
import { SetupError, runTool } from './setup/run-tool.mjs';
import { at } from './setup/places.mjs';
import { setUp } from './setup/set-up.mjs';
import { conclude, runStage } from './stages/outcome.mjs';
import { tarball } from './stages/tarball.mjs';

try {
  await setUp();
  await runTool(process.execPath, [at('scripts/prebuilds.mjs')], { verbose: true });
  process.exitCode = conclude([await runStage('tarball', tarball)]);
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
