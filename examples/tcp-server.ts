/** A TCP server that answers in capitals, with a process for each connection: the socket itself is given to the child. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { isMainProcess, Process } from 'procloom';

export async function serve(socket: Socket): Promise<void> {
  for await (const chunk of socket) socket.write(String(chunk).toUpperCase());
  socket.end();
}

async function talk(port: number, ...lines: string[]): Promise<string> {
  const client = connect(port, '127.0.0.1');
  for (const line of lines) client.write(`${line}\n`);
  client.end();
  return text(client);
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
  const answers = await Promise.all(clients.map((name) => talk(port, `hello, I am ${name}`, 'goodbye')));
  server.close();

  answers.forEach((answer, i) => assert.equal(answer, `HELLO, I AM ${clients[i]!.toUpperCase()}\nGOODBYE\n`));
  for (const child of children) assert.equal(await child.join(), 0);
  console.log(`${children.length} processes served ${clients.length} connections`);
}
