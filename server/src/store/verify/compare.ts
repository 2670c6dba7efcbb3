/** How two multisets of rows, written as texts, differ. */
export function compareRows(
  expected: readonly string[],
  actual: readonly string[],
): { missing: number; surplus: number } {
  const counts = new Map<string, number>();
  for (const row of expected) counts.set(row, (counts.get(row) ?? 0) + 1);
  let surplus = 0;
  for (const row of actual) {
    const left = counts.get(row) ?? 0;
    if (left === 0) surplus++;
    else counts.set(row, left - 1);
  }
  let missing = 0;
  for (const left of counts.values()) missing += left;
  return { missing, surplus };
}
