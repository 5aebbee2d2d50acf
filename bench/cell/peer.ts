/** The second process of a cell: opens its end of the driver, then serves lap after lap as the control wire asks. */
import { dirname, join } from 'node:path';
import type { Driver } from '../drivers/driver.js';
import { workOf } from '../trials/select.js';
import { Mismatch } from '../verify/mismatch.js';
import { connectControl, type Control, type Reply, type Request } from './control.js';
import { errorText } from './error-text.js';
import type { CellSpec } from './spec.js';

/** Called in the second process by each driver in its own manner, with what the driver's host handed over. */
export async function runPeer(specText: string, ...transport: unknown[]): Promise<void> {
  const spec: CellSpec & { controlPath: string } = JSON.parse(specText);
  const control = await connectControl(spec.controlPath);
  try {
    await serve(spec, specText, control, transport);
  } catch (error) {
    await control.send({ is: 'failed', error: errorText(error) }).catch(() => undefined);
  } finally {
    control.close();
  }
}

async function serve(
  spec: CellSpec & { controlPath: string },
  specText: string,
  control: Control<Reply, Request>,
  transport: unknown[],
): Promise<void> {
  const driver = (await import(spec.driver)).default as Driver;
  const context = { job: spec.job, peerSpec: specText, socketPath: join(dirname(spec.controlPath), 'data') };
  const peer = await driver.peer(context, ...(transport as never[]));
  const lap = workOf(spec.job).peer?.(peer);
  await control.send({ is: 'open' });
  for (;;) {
    const request = await control.next();
    if (request.is === 'finish') break;
    if (!lap) throw new Error(`the trial '${spec.job.kind}' has no part for a second process`);
    const times = await lap(request.first, request.count, () => control.send({ is: 'ready' }));
    await control.send({ is: 'done', ...times });
  }
  const extra = await peer.extra();
  if (extra > 0) throw new Mismatch(`${extra} more messages arrived than were sent`);
  await control.send({ is: 'finished' });
  await peer.close();
}
