import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { loincRelease } from './loinc.ts';
import type { Release } from './release.ts';
import { rxNormRelease } from './rxNorm.ts';
import { snomedRelease } from './snomed.ts';

/** Files of a release that are looked at. */
const FILES_MAX = 10_000;

/** The release in a folder; undefined when there is none that is known. */
export async function findRelease(folder: string): Promise<Release | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .slice(0, FILES_MAX)
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  return snomedRelease(files) ?? loincRelease(files) ?? rxNormRelease(files);
}
