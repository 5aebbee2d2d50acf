// The programs of examples/: each must run as it stands there and end with exit code 0.
import { existsSync, readdirSync } from 'node:fs';

import { at } from '../setup/places.mjs';
import { runTool } from '../setup/run-tool.mjs';
import { beginRun, checkNothingLeft, defaultDirectory } from './private-directory.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

const limitMs = 120_000;

/** Modules that a program imports or names as a target stand in folders below; what stands in examples/ is a program. */
const programs = () =>
  readdirSync(at('examples')).filter((name) => /\.(ts|mts|mjs|js|cjs)$/.test(name) && !name.endsWith('.d.ts'));

/** One stage. */
export async function examples(outcome) {
  if (!existsSync(at('examples'))) throw new Error('there is no folder examples/');
  const names = programs();
  // Node 20 does not run TypeScript.
  const typescript = names.some((name) => /\.m?ts$/.test(name));
  if (typescript)
    await runTool(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.examples.json']);
  // As users run them: in the directory that they have.
  const begun = beginRun('examples', defaultDirectory);
  for (const name of names) {
    const compiled = /\.m?ts$/.test(name);
    const file = compiled ? at('dist-examples', name.replace(/\.(m?)ts$/, '.$1js')) : at('examples', name);
    console.log(`   ${name}`);
    const result = await runWatched(process.execPath, [file], { env: begun.env, limitMs, quiet: true });
    if (endedWell(result)) outcome.pass();
    else outcome.fail(`examples/${name} ${ending(result, limitMs)}:\n${result.output.trimEnd()}`);
  }
  checkNothingLeft(begun, outcome);
}
