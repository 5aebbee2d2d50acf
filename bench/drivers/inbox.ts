/** Counts the messages of a transport that calls back, and says when a lap's are there. */
export class Inbox<Message> {
  /** Messages that came when none was expected. */
  extra = 0;
  private left = 0;
  private take: (message: Message) => void = () => undefined;
  private resolve: () => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;

  /** Resolves when `count` messages were taken. Listens from the moment of the call. */
  expect(count: number, take: (message: Message) => void): Promise<void> {
    this.left = count;
    this.take = take;
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  readonly deliver = (message: Message): void => {
    if (this.left === 0) {
      this.extra += 1;
      return;
    }
    try {
      this.take(message);
    } catch (error) {
      this.reject(error);
    }
    if (--this.left === 0) this.resolve();
  };
}
