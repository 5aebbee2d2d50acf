/** Starts the second process of procloom's drivers, with procloom's own Process: shared objects go along as arguments. */
import { Process } from 'procloom';
import type { Context } from './driver.js';

export function startPeer(context: Context, ...transport: unknown[]): Process {
  return new Process({
    target: { module: new URL('../cell/peer.js', import.meta.url), export: 'runPeer' },
    args: [context.peerSpec, ...transport],
    // Dies with the host, however that ends.
    daemon: true,
  }).start();
}

/** Waits for its end, which has to be a good one. */
export async function joinPeer(child: Process): Promise<void> {
  const code = await child.join();
  if (code !== 0) throw new Error(`the second process ended with ${code}`);
}
