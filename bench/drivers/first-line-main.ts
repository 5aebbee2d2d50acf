/** The same as a program of its own: a module for child_process.fork(), or for a Worker. */
import { workerData } from 'node:worker_threads';
import { firstLine } from './first-line.js';

firstLine((workerData as string | null) ?? process.argv[2]);
