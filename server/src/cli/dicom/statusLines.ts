/** A JSON value as lines for people: members that hold others indent theirs, lists have a dash for each item. */
export function statusLines(value: unknown, indent = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, indent));
  return Object.entries(value as object).flatMap(([name, held]) => memberLines(name, held, indent));
}

function memberLines(name: string, held: unknown, indent: string): string[] {
  if (!isStructure(held)) return [`${indent}${name}: ${String(held)}`];
  const lines = statusLines(held, `${indent}  `);
  return lines.length === 0 ? [`${indent}${name}: none`] : [`${indent}${name}:`, ...lines];
}

function itemLines(item: unknown, indent: string): string[] {
  if (!isStructure(item)) return [`${indent}- ${String(item)}`];
  const [first = '', ...others] = statusLines(item, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...others];
}

const isStructure = (value: unknown): value is object => typeof value === 'object' && value !== null;
