/** What a look at a connection sees. */
export interface Hearing {
  /** Whether an answer is waited for. */
  waiting: boolean;
  bytesRead: number;
}

/**
 * Calls `onSilence` when an answer is waited for and between two looks, `waitMs` apart, not one byte has come. Answers are not
 * counted: a large one may take longer than that to arrive. A look is taken after the event loop has read what lies there, so
 * that a loop which was held up does not take its own delay for that of the network.
 *
 * @returns to be cleared by whoever watches
 */
export function watchSilence(hear: () => Hearing, waitMs: number, onSilence: () => void): NodeJS.Timeout {
  let before = hear();
  const look = (): void => {
    const now = hear();
    if (before.waiting && now.waiting && now.bytesRead === before.bytesRead) onSilence();
    before = now;
  };
  return setInterval(() => setImmediate(look), waitMs).unref();
}
