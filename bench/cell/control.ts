/**
 * The wire beside the measured one: by it the host tells the peer what the next lap is, and hears how it went.
 *
 *     host                     peer
 *      │ ── lap first,count ──▶ │  clears its memory, listens
 *      │ ◀─────── ready ─────── │
 *      │ ═══ the timed data ══▶ │  notes the time of the last message, then verifies
 *      │ ◀──── done, endedNs ── │
 *
 * Lines of JSON over a unix-domain socket: silent while a lap runs, the same for every driver.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export type Request = { is: 'lap'; first: number; count: number } | { is: 'finish' };

export type Reply =
  | { is: 'open' }
  | { is: 'ready' }
  | { is: 'done'; startedNs: number; endedNs: number; wokenNs?: number[] }
  | { is: 'finished' }
  | { is: 'failed'; error: string };

/** One end of the wire. */
export class Control<Out, In> {
  private readonly socket: Socket;
  private readonly arrived: In[] = [];
  private waiting: { resolve: (message: In) => void; reject: (error: Error) => void } | undefined;
  private ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    createInterface({ input: socket }).on('line', (line) => this.deliver(JSON.parse(line)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.waiting?.reject(endedError());
    });
  }

  /** Resolves when the system has it, so that the caller may block its thread. */
  send(message: Out): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  next(): Promise<In> {
    const message = this.arrived.shift();
    if (message !== undefined) return Promise.resolve(message);
    if (this.ended) return Promise.reject(endedError());
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  close(): void {
    this.socket.destroy();
  }

  private deliver(message: In): void {
    const waiting = this.waiting;
    this.waiting = undefined;
    if (waiting) waiting.resolve(message);
    else this.arrived.push(message);
  }
}

function endedError(): Error {
  return new Error('the other process of the cell ended before it was done');
}

/** The host's end: opened before the peer is started, connected when the peer is there. */
export class ControlServer {
  private readonly server: Server;
  private readonly socket: Promise<Socket>;

  private constructor(server: Server) {
    this.server = server;
    this.socket = new Promise((resolve) => server.once('connection', resolve));
  }

  static async listen(path: string): Promise<ControlServer> {
    const server = createServer();
    const control = new ControlServer(server);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
    return control;
  }

  async connected(): Promise<Control<Request, Reply>> {
    const control = new Control<Request, Reply>(await this.socket);
    this.server.close();
    return control;
  }
}

/** The peer's end. */
export async function connectControl(path: string): Promise<Control<Reply, Request>> {
  const socket = createConnection(path);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return new Control<Reply, Request>(socket);
}
