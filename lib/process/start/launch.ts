/**
 * Starts a process: by the addon, which does not copy this one first as node:child_process does, or by that where the
 * addon cannot.
 */
import { native } from '../../addon/loader.js';
import { invalidArgument } from '../../errors/arguments.js';
import { launchByNode } from './launch-by-node.js';
import { launchDirectly } from './launch-directly.js';
import type { Launched, LaunchOrder, Refused } from './launched.js';

/** @throws TypeError for a text with a zero character, which no process can be given */
export function launch(order: LaunchOrder): Launched | Refused {
  checkTexts(order);
  return isForNode(order) ? launchByNode(order) : launchDirectly(order);
}

function checkTexts({ file, args, env, cwd = '' }: LaunchOrder): void {
  for (const text of [file, cwd, ...args]) if (text.includes('\0')) throw withZero('a path or argument', text);
  for (const name in env)
    if (name.includes('\0') || env[name]!.includes('\0')) throw withZero(`env.${name}`, env[name]);
}

function withZero(what: string, text: unknown): TypeError {
  return invalidArgument(TypeError, `${what} of a process must have no zero characters`, text);
}

/** What the addon does not do: the system's way is missing, a name is to be looked up, or Node is to forbid it. */
function isForNode({ file }: LaunchOrder): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  return native.body !== 'linux' || !file.includes('/') || permission?.has('child') === false;
}
