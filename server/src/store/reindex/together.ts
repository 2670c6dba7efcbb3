/**
 * Lets those who ask for the same work share it: whoever asks gets a run that begins afterwards, and all who ask while one is under
 * way get the next.
 */
export function together(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = () => {
    next = undefined;
    return (running = work());
  };
  return () => (next ??= running.then(begin, begin));
}
