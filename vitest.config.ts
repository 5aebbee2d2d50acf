import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

/**
 * Tests run on what ships: an import of lib/ is taken from dist/, unchanged by vite. Children and workers load their
 * modules from there too, so that parent and child are one program.
 */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^(?:\.\.?\/)+lib\/(.+)\.js$/, replacement: `${root}/dist/$1.js` },
      { find: /^procloom$/, replacement: `${root}/dist/index.js` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Processes of their own: a test that blocks its thread or crashes the addon takes no other with it.
    pool: 'forks',
    // One for each processor, whatever vitest would keep free: most tests wait for other processes most of the time.
    maxWorkers: availableParallelism(),
    execArgv: ['--expose-gc'],
    globalSetup: ['test/setup/build.ts'],
    setupFiles: ['test/setup/nothing-left.ts'],
    // Watchdogs, not expectations: no test has an upper bound on time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    reporters: process.env['CI'] ? ['dot'] : ['default'],
    server: { deps: { external: [/\/dist\//] } },
    coverage: { include: ['dist/**/*.js'], reporter: ['text', 'lcov'] },
  },
});
