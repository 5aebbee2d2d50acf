/** Runs the peer in a process or thread that was started by this file's path; a thread finds its text in workerData. */
import { isMainThread, workerData } from 'node:worker_threads';
import { runPeer } from './peer.js';

await runPeer(isMainThread ? process.argv[2] : workerData);
