/**
 * A program that may be packed into one executable begins with freezeSupport(): there its children are the same program,
 * started again, and that is where they do what they are for. Run by node it does nothing.
 *
 * docs/guide/packed-programs.md tells how to pack it.
 */
import { freezeSupport, isMainProcess, Process } from 'procloom';

freezeSupport();

export function f(): void {
  console.log('hello world!');
}

if (isMainProcess()) {
  new Process({ target: f }).start();
}
