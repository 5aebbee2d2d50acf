/**
 * What a spare is told: two lines of JSON through a socket, which is its descriptor 3. After the first it boots and answers
 * that it is ready, after the second it is a child like any other; at the socket's end without that it is not wanted any
 * more.
 */
import type { ParentIdentity } from '../identity.js';

export const LINE = 3;

export const READY = '+';

/** The first line, as soon as it runs. */
export interface BootWords {
  parent: ParentIdentity;
  /** URLs of the modules that it imports before it is needed. */
  preload: readonly string[];
}

/** The second line: its life begins. */
export interface HandOutWords {
  env: Record<string, string>;
  cwd: string;
  /** What job.ts says. */
  job: string;
}

/** Longer ones might not fit into the socket at once, and whoever starts a child does not wait for it. */
export const LONGEST_HAND_OUT = 64 * 1024;

export function lineOf(words: BootWords | HandOutWords): string {
  return `${JSON.stringify(words)}\n`;
}
