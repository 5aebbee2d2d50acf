// Runs a program of fixtures/crash to its end; a Queue among its arguments is found by name.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Queue } from '../../lib/queue/queue.js';

export async function runFixture(
  program: string,
  argument?: string | Queue,
): Promise<{ code: number | null; signal: string | null }> {
  const path = fileURLToPath(new URL(`../fixtures/crash/${program}`, import.meta.url));
  const inbox =
    argument instanceof Queue ? new Queue(0, { name: `inbox-${randomBytes(8).toString('hex')}` }) : undefined;
  inbox?.putSync(argument);
  const text = inbox?.name ?? (argument as string | undefined);
  const child = spawn(process.execPath, [path, ...(text === undefined ? [] : [text])], { stdio: 'ignore' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  inbox?.unlink();
  inbox?.close();
  return { code, signal };
}
