import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

test('docs/architecture.md has the rooms of the lint rule, with what each may import', async () => {
  const rule = pathToFileURL(path.resolve('scripts/lint/rooms.mjs')).href;
  const { ROOMS } = (await import(rule)) as { ROOMS: Record<string, string[]> };
  const rows = readFileSync('docs/architecture.md', 'utf8').matchAll(
    /^\| `(\w+)`\s*\|((?:\s*`\w+`,?)*)\s*\|/gm,
  );
  const documented = [...rows].map(([, room, imports]) => [room, (imports ?? '').match(/\w+/g) ?? []]);
  expect(Object.fromEntries(documented)).toEqual(ROOMS);
});
