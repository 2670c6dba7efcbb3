/** @throws Error that says which names are missing, too many or in another order */
export function requireSame(what: string, actual: readonly string[], expected: readonly string[]): void {
  if (actual.length === expected.length && actual.every((name, i) => name === expected[i])) return;
  const missing = expected.filter((name) => !actual.includes(name));
  const unexpected = actual.filter((name) => !expected.includes(name));
  const found = `${expected.length} expected, ${actual.length} answered`;
  if (missing.length + unexpected.length > 0)
    throw new Error(`${what} (${found}): missing ${show(missing)}, unexpected ${show(unexpected)}`);
  const twice = actual.filter((name, i) => actual.indexOf(name) !== i);
  if (twice.length > 0) throw new Error(`${what} (${found}): twice ${show(twice)}`);
  const at = actual.findIndex((name, i) => name !== expected[i]);
  const some = (names: readonly string[]) => show(names.slice(Math.max(0, at - 1), at + SHOWN_MAX));
  throw new Error(
    `${what} (${found}): in another order from ${at + 1} on, ${some(actual)} instead of ${some(expected)}`,
  );
}

/** The same, in whatever order. */
export function requireSameSet(what: string, actual: readonly string[], expected: Iterable<string>): void {
  requireSame(what, [...actual].sort(), [...expected].sort());
}

/** Names that are shown of a list. */
const SHOWN_MAX = 8;

function show(names: readonly string[]): string {
  const more = names.length > SHOWN_MAX ? ` and ${names.length - SHOWN_MAX} more` : '';
  return `[${names.slice(0, SHOWN_MAX).join(' ')}${more}]`;
}
