/** Which module starts a child by which method. */
import type { StartMethod } from '../start-method.js';
import { startByForkserver } from './forkserver.js';
import { spawnChild } from './spawn.js';
import type { Start } from './started.js';
import { startThread } from './thread.js';

export const starts: Readonly<Record<StartMethod, Start>> = {
  spawn: spawnChild,
  forkserver: startByForkserver,
  thread: startThread,
};
