/** child_process.fork() of a module that does nothing but the first line, and its 'exit'. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Driver } from './driver.js';
import { StartHost, startPeer } from './start-host.js';

const script = fileURLToPath(new URL('./first-line-main.js', import.meta.url));

class Fork extends StartHost {
  protected async start(clockFile: string): Promise<number | null> {
    const [code] = (await once(fork(script, [clockFile]), 'exit')) as [number | null];
    return code;
  }
}

export default { host: (context) => new Fork(context), peer: () => startPeer } satisfies Driver;
