/** Rooms and files of the server that serve one purpose of those that each request pays for. */
const PARTS: readonly (readonly [part: string, places: RegExp])[] = [
  ['signing in', /(?:^|\/)server\/src\/(identity|store\/identity|records\/(callers|directory))\//],
  ['policies', /(?:^|\/)server\/src\/(access|records\/gate)\//],
  ['audit', /(?:^|\/)server\/src\/(audit|store\/audit|records\/(trail|auditLog)|rest\/http\/recording\.ts)/],
];
const REST = 'all else';

/** For whom something was done: the nearest caller that is of a part. @param files those of the stack, innermost first */
export const partOf = (files: readonly string[]): string => {
  for (const file of files) {
    const found = PARTS.find(([, places]) => places.test(file));
    if (found) return found[0];
  }
  return REST;
};
