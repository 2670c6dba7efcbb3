import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunHead } from './result.ts';

/** Writes <date>-<commit><suffix>.json and .md; a later run of the same day and commit replaces them. Returns the names. */
export const saveResult = (folder: string, result: RunHead, text: string, suffix = ''): string[] => {
  mkdirSync(folder, { recursive: true });
  const base = `${result.date.slice(0, 10)}-${result.commit.replace('+', '')}${suffix}`;
  const files: [string, string][] = [
    [`${base}.json`, `${JSON.stringify(result, null, 1)}\n`],
    [`${base}.md`, `${text}\n`],
  ];
  for (const [name, content] of files) writeFileSync(path.join(folder, name), content);
  return files.map(([name]) => name);
};
