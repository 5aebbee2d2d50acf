/** procloom's Process, by one of its start methods. */
import { setTimeout as sleep } from 'node:timers/promises';
import { getContext, type StartMethod } from 'procloom';
import type { Context, Driver } from './driver.js';
import { StartHost, startPeer } from './start-host.js';

const target = { module: new URL('./first-line.js', import.meta.url), export: 'firstLine' };
/** As long as a spare takes to boot, and more. */
const SPARE_MS = 200;

class ProcloomStart extends StartHost {
  private readonly method: StartMethod;

  constructor(context: Context, method: StartMethod) {
    super(context);
    this.method = method;
  }

  async beforeStart(): Promise<void> {
    if (this.method === 'forkserver') await sleep(SPARE_MS);
  }

  protected start(clockFile: string): Promise<number | null> {
    const { Process } = getContext(this.method);
    // The host's standard output is the outcome's; nothing is written there.
    return new Process({ target, args: [clockFile] }).start().join();
  }
}

export function procloomStart(method: StartMethod): Driver {
  return { host: (context) => new ProcloomStart(context, method), peer: () => startPeer };
}
