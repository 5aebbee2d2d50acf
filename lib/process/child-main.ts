/**
 * The program of a child that was spawned.
 *
 *     PROCLOOM_JOB=… PROCLOOM_ADDON=… PROCLOOM_DIR=… node [flags] child-main.js <name, for people who look at ps>
 */
import { JOB_VARIABLE } from './job.js';
import { runJob } from './run-job.js';

const text = process.env[JOB_VARIABLE]!;
delete process.env[JOB_VARIABLE];

// An error goes the way of all unhandled ones.
void runJob(text);
