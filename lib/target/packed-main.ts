/**
 * A program that is packed into one executable (Node's single executable applications), and its main module.
 *
 * That module is no file, and no loader knows it. In references the executable stands for it; what it exports is known by
 * its `module`, which freezeSupport() finds or is given.
 */
import { isSea } from 'node:sea';
import { pathToFileURL } from 'node:url';

import { givenModule, giveModule } from './runnable.js';

/** Whether this is such a program. Its children can only be that program again. */
export const isPacked: () => boolean = isSea;

/** The executable's: no other module can have that one. */
export function packedMainUrl(): string {
  return pathToFileURL(process.execPath).href;
}

/** Makes what it exports known, also what it will export when it is through. */
export function givePackedMain(module: { exports: unknown }): void {
  giveModule(packedMainUrl(), module);
}

/** undefined before freezeSupport() was called, and of a program that is not packed. */
export function packedMain(): { exports: unknown } | undefined {
  return isPacked() ? givenModule(packedMainUrl()) : undefined;
}

/** Where a module of ours is; bundlers leave that out, or say that it is the program. */
type OwnUrl = string | undefined;

/** Whether a bundler has made that module of ours part of the program. */
export function isBundled(ownUrl: OwnUrl): ownUrl is undefined {
  return ownUrl === undefined || (isPacked() && ownUrl === packedMainUrl());
}
