/**
 * What is made of items, in their order, a few of them at a time ahead of the reader.
 *
 * @param atOnce how many are under way
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  atOnce: number,
  make: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for (const item of items) {
    underWay.push(settledLater(make(item)));
    if (underWay.length >= atOnce) yield await underWay.shift()!;
  }
  while (underWay.length > 0) yield await underWay.shift()!;
}

/** One that fails before its turn is no fault that nobody handles: its turn comes, or nobody reads on. */
function settledLater<R>(promise: Promise<R>): Promise<R> {
  promise.catch(() => undefined);
  return promise;
}
