/**
 * The program of a child that was spawned.
 *
 *     PROCLOOM_JOB=… PROCLOOM_ADDON=… PROCLOOM_DIR=… node [flags] child-main.js <name, for people who look at ps>
 */
import module from 'node:module';

import { JOB_VARIABLE } from './job.js';

const text = process.env[JOB_VARIABLE]!;
delete process.env[JOB_VARIABLE];

// Node 22 has it: what one child has compiled the next one need not. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

const { runJob } = await import('./run-job.js');
// An error goes the way of all unhandled ones.
void runJob(text);
