// The steps of the set-up, in their order. Each says from what it is made (its hash), what it leaves, and how it is done.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

import { ensureSystemPackages } from '../ensure-system-package.mjs';
import { bundlePrograms, bundles } from './bundle.mjs';
import { addonFile, at, benchAddonFile, benchFolder, bodies, defaultBody, root, workFolder } from './places.mjs';
import { SetupError, runTool } from './run-tool.mjs';
import { hashOf } from './stamp.mjs';

const machine = [process.platform, process.arch];

const dependencies = {
  name: 'dependencies',
  title: 'installing dependencies',
  hash: () => hashOf(['package-lock.json'], { facts: machine }),
  outputs: ['node_modules/.package-lock.json'],
  run: (options) => runTool('npm', ['ci', '--no-audit', '--no-fund'], options),
};

/** What is not in the default place is compiled in a folder of its own: node-gyp always builds into where it stands. */
function prepareFolder(folder, bindingFile) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(at(bindingFile), join(folder, 'binding.gyp'));
  if (!existsSync(join(folder, 'native'))) symlinkSync('../native', join(folder, 'native'), 'junction');
  return folder;
}

function prepareWorkFolder(body) {
  const folder = workFolder(body);
  return folder === root ? folder : prepareFolder(folder, 'binding.gyp');
}

async function compile(options, verbose) {
  const { compileAddon } = await import('../../native/toolchain/compile.mjs');
  try {
    // Not the compiler: which one is the developer's choice.
    ensureSystemPackages(['make', 'python3']);
  } catch {
    // compileAddon says what is missing, all of it.
  }
  try {
    await compileAddon({
      packageRoot: root,
      warningsAreErrors: Boolean(process.env.PROCLOOM_WERROR),
      onOutput: verbose ? (chunk) => process.stderr.write(chunk) : undefined,
      ...options,
    });
  } catch (error) {
    throw new SetupError(error.message);
  }
}

const addon = (body) => ({
  name: `addon-${body}`,
  title: `compiling the addon (${body})`,
  hash: () =>
    hashOf(['binding.gyp', 'native'], {
      skip: [
        'native/test',
        'native/bench',
        'native/fuzz',
        ...bodies.filter((other) => other !== body).map((other) => `native/os/${other}`),
      ],
      facts: [...machine, process.env.PROCLOOM_WERROR ?? ''],
    }),
  outputs: [relative(root, addonFile(body))],
  run: ({ verbose }) => compile({ workFolder: prepareWorkFolder(body), body }, verbose),
});

const benchAddon = {
  name: 'bench-addon',
  title: "compiling the benchmark's own addon",
  hash: () => hashOf(['native/bench', 'native/toolchain'], { facts: [...machine, process.env.PROCLOOM_WERROR ?? ''] }),
  outputs: [relative(root, benchAddonFile)],
  run: ({ verbose }) =>
    compile({ workFolder: prepareFolder(benchFolder, 'native/bench/binding.gyp'), target: 'procloom_bench' }, verbose),
};

/** Removes what an earlier build left of sources that are gone; a stale module would still be importable. */
function prune(sourceFolder, outputFolder, below = '') {
  for (const entry of readdirSync(at(outputFolder, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) {
      if (existsSync(at(sourceFolder, path))) prune(sourceFolder, outputFolder, path);
      else rmSync(at(outputFolder, path), { recursive: true });
      continue;
    }
    const stem = path.replace(/(\.d\.(m|c)?ts|\.(m|c)?js(\.map)?)$/, '');
    if (!['.ts', '.mts', '.cts'].some((extension) => existsSync(at(sourceFolder, stem + extension)))) {
      rmSync(at(outputFolder, path));
    }
  }
}

const typescript = (name, sourceFolder, outputFolder, project, entry) => ({
  name,
  title: `compiling ${sourceFolder}/`,
  hash: () => hashOf([sourceFolder, 'tsconfig.json', project, 'package-lock.json'], { facts: [outputFolder] }),
  outputs: [`${outputFolder}/${entry}`],
  run: async (options) => {
    await runTool(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', project], options);
    prune(sourceFolder, outputFolder);
  },
});

const modules = typescript('lib', 'lib', 'dist', 'tsconfig.build.json', 'index.js');
const lib = {
  ...modules,
  hash: () => hashOf(['scripts/setup/bundle.mjs'], { facts: [modules.hash()] }),
  outputs: [...modules.outputs, ...bundles],
  run: async (options) => {
    await modules.run(options);
    await bundlePrograms();
  },
};
const bench = typescript('bench', 'bench', 'dist-bench', 'tsconfig.bench.json', 'main.js');

/** @param wanted `{ bodies, bench }`: what is to be there beside dependencies and library */
export function stepsFor({ bodies: wantedBodies = [defaultBody], bench: withBench = false, only } = {}) {
  const steps = [dependencies, ...wantedBodies.map(addon), lib];
  if (withBench) steps.push(...(process.platform === 'linux' ? [benchAddon] : []), bench);
  return only ? steps.filter((step) => step.name.startsWith(only)) : steps;
}
