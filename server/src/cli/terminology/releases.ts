import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ReleaseHeader } from '../../store/terminology/releaseSystems.ts';
import type { ReleaseRow } from '../../store/terminology/releaseWriter.ts';
import { loincRelease } from './loinc.ts';
import { rxNormRelease } from './rxNorm.ts';
import { snomedRelease } from './snomed.ts';

/** One file of a release, and what its lines say. */
export interface ReleaseStep {
  name: string;
  file: string;
  /** Tells fields apart: tabs (RF2), bars (RRF), or commas with quotes (LOINC). */
  separator: '\t' | '|' | ',';
  /** Whether the first line has the names of the columns; then fields are asked for by name. */
  hasHeader: boolean;
  read(field: (name: string | number) => string): ReleaseRow[];
}

/** A release in its own file format, recognised by the names of its files. */
export interface Release {
  url: string;
  version: string | undefined;
  header: Omit<ReleaseHeader, 'url' | 'version' | 'count'>;
  /** In the order in which they must be read: concepts first. */
  steps: ReleaseStep[];
}

/** Folders below a release that are looked into. */
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
