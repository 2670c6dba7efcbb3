/**
 * Gives as many items as possible one of their candidates each, no candidate to two of them.
 *
 * @returns the items that got none
 */
export function unmatched<Item, Candidate>(
  items: readonly Item[],
  candidatesOf: (item: Item) => readonly Candidate[],
): Item[] {
  const taken = new Map<Candidate, Item>();
  const place = (item: Item, tried: Set<Candidate>): boolean =>
    candidatesOf(item).some((candidate) => {
      if (tried.has(candidate)) return false;
      tried.add(candidate);
      const owner = taken.get(candidate);
      if (owner !== undefined && !place(owner, tried)) return false;
      taken.set(candidate, item);
      return true;
    });
  return items.filter((item) => !place(item, new Set()));
}
