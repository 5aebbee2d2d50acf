// Makes one file of a program and of all that it imports at once. Every child waits for its program, and Node takes a
// millisecond for each module; one of CommonJS it begins with before it has set up its loader of the others.
//
// What is imported later stays a module of its own, the one that others import, too. So no state may stand in a module
// that is in a bundle: it would be there twice (lib/process/identity.ts keeps its with the process).
import { rmSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

import { at } from './places.mjs';

/** What children begin with, as the compiler leaves it. */
const programs = ['dist/process/child-main.js', 'dist/process/thread-main.js'];

const bundleOf = (program) => program.replace(/\.js$/, '.cjs');

/** What is imported later is named from where the bundle lies. */
const laterStays = (folder) => ({
  name: 'later-stays',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const name = relative(folder, resolve(resolveDir, path));
      return { path: name.startsWith('.') ? name : `./${name}`, external: true };
    });
  },
});

export async function bundlePrograms() {
  const { build } = await import('esbuild');
  for (const program of programs) {
    await build({
      entryPoints: [at(program)],
      outfile: at(bundleOf(program)),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'linked',
      plugins: [laterStays(dirname(at(program)))],
      // A module that asks where it lies would be told nothing.
      logOverride: { 'empty-import-meta': 'error' },
      logLevel: 'warning',
    });
    // Nobody is to begin with what is not a bundle.
    for (const suffix of ['', '.map']) rmSync(at(program + suffix), { force: true });
  }
}

/** For the set-up's book: what it has made. */
export const bundles = programs.map(bundleOf);
