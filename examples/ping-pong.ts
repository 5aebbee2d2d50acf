/** A pipe: values one way, answers the other, bytes without a codec, and the end that is noticed. */
import { type Connection, isMainProcess, Pipe, Process } from 'procloom';

export async function answer(questions: Connection): Promise<void> {
  // Ends when everyone who held the other end has closed it.
  for await (const question of questions) {
    if (Buffer.isBuffer(question)) await questions.sendBytes(question.reverse());
    else await questions.send({ answer: (question as { n: number }).n * 2 });
  }
  console.log('the other end is closed');
}

if (isMainProcess()) {
  const [ours, theirs] = Pipe();
  const child = new Process({ target: answer, args: [theirs] }).start();
  // The child has it now: while we held it too, nobody would notice that the child is gone.
  theirs.close();

  await ours.send({ n: 21 });
  console.log(await ours.recv());
  await ours.sendBytes(Buffer.from('stressed'));
  console.log((await ours.recvBytes()).toString());

  ours.close();
  console.log(`the child ended with ${await child.join()}`);
}
