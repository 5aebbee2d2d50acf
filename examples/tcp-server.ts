/** A TCP server that answers in capitals, with a process for each connection: the socket itself is given to the child. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

import { isMainProcess, Process } from 'procloom';

export async function serve(socket: Socket): Promise<void> {
  for await (const chunk of socket) socket.write(String(chunk).toUpperCase());
  socket.end();
}

/** The client: says a line and waits for the answer, until it has nothing more to say. */
async function talk(port: number, ...lines: string[]): Promise<string[]> {
  const client = connect(port, '127.0.0.1');
  const incoming = createInterface({ input: client })[Symbol.asyncIterator]();
  const answers: string[] = [];
  for (const line of lines) {
    client.write(`${line}\n`);
    answers.push((await incoming.next()).value as string);
  }
  client.end();
  assert.equal((await incoming.next()).done, true);
  return answers;
}

if (isMainProcess()) {
  const children: Process[] = [];
  // Paused: not a byte is read here, so that none is missing over there. Half open: who has said all still listens.
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    children.push(new Process({ target: serve, args: [socket] }).start());
    socket.destroy(); // The child has it now; this process does not keep it open.
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 5 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const clients = ['Ada', 'Grace', 'Barbara'];
  const answers = await Promise.all(clients.map((name) => talk(port, `hello, I am ${name}`, 'Grüsse', 'goodbye')));
  server.close();

  answers.forEach((answer, i) =>
    assert.deepEqual(answer, [`HELLO, I AM ${clients[i]!.toUpperCase()}`, 'GRÜSSE', 'GOODBYE']),
  );
  for (const child of children) assert.equal(await child.join(), 0);
  console.log(`${children.length} processes served ${clients.length} connections`);
}
