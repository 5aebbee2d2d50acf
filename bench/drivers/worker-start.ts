/** A Worker of Node's with a module that does nothing but the first line, and its 'exit'. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Driver } from './driver.js';
import { StartHost, startPeer } from './start-host.js';

const script = new URL('./first-line-main.js', import.meta.url);

class BareWorker extends StartHost {
  protected async start(clockFile: string): Promise<number> {
    const [code] = (await once(new Worker(script, { workerData: clockFile }), 'exit')) as [number];
    return code;
  }
}

export default { host: (context) => new BareWorker(context), peer: () => startPeer } satisfies Driver;
