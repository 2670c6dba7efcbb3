import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BenchResult } from './result.ts';
import { resultText } from './text.ts';

/** Writes <date>-<commit>.json and .md; a later run of the same day and commit replaces them. Returns the names. */
export const saveResult = (folder: string, result: BenchResult): string[] => {
  mkdirSync(folder, { recursive: true });
  const base = `${result.date.slice(0, 10)}-${result.commit.replace('+', '')}`;
  const files: [string, string][] = [
    [`${base}.json`, `${JSON.stringify(result, null, 1)}\n`],
    [`${base}.md`, `${resultText(result)}\n`],
  ];
  for (const [name, text] of files) writeFileSync(path.join(folder, name), text);
  return files.map(([name]) => name);
};
