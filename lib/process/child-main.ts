/**
 * The program of a child that was spawned. It and all that it imports at once become one file of CommonJS
 * (scripts/setup/bundle.mjs), which Node begins with sooner than with six of the other kind.
 *
 *     PROCLOOM_JOB=… PROCLOOM_ADDON=… PROCLOOM_DIR=… node [flags] child-main.cjs <name, for people who look at ps>
 */
import module from 'node:module';

import { JOB_VARIABLE } from './job.js';
import { runJob } from './run-job.js';

const text = process.env[JOB_VARIABLE]!;
delete process.env[JOB_VARIABLE];

// Node 22 has it: what one child has compiled the next one need not. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

// An error goes the way of all unhandled ones.
void runJob(text);
