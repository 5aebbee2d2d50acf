/**
 * The ends of drivers that start processes or threads. What they start writes the time of its first line into a file: the
 * same for all, and no transport of theirs. The second process of the cell is there because each cell has one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { nowNs } from '../cell/clock.js';
import type { Context, Host, Peer, StartTimes } from './driver.js';
import { peerScript } from './peer-script.js';

export abstract class StartHost implements Host {
  private readonly peer: ChildProcess;
  private readonly clockFile: string;

  constructor(context: Context) {
    this.peer = spawn(process.execPath, [peerScript, context.peerSpec], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.clockFile = `${context.socketPath}-first-line`;
  }

  /** Starts one whose first line is firstLine(clockFile); resolves when it has been told of its end. */
  protected abstract start(clockFile: string): Promise<number | null>;

  async startOne(): Promise<StartTimes> {
    rmSync(this.clockFile, { force: true });
    const startedNs = nowNs();
    const ended = this.start(this.clockFile);
    const calledNs = nowNs();
    const code = await ended;
    const endedNs = nowNs();
    if (code !== 0) throw new Error(`what was started ended with ${code}`);
    return { startedNs, calledNs, lineNs: Number(readFileSync(this.clockFile, 'latin1')), endedNs };
  }

  async close(): Promise<void> {
    if (this.peer.exitCode === null && this.peer.signalCode === null) await once(this.peer, 'exit');
  }
}

export const startPeer: Peer = { extra: () => 0, close() {} };
