/** Do two values say the same, whatever the order of their properties? */
export const sameContent = (a: unknown, b: unknown): boolean => ordered(a) === ordered(b);

function ordered(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
