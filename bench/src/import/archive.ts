import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const ARCHIVE = 'data/synthea-set200.tgz';

/** A transaction bundle as it is sent. */
export interface ImportBundle {
  text: Buffer;
  entries: number;
}

/** The 200 patients of the shared Synthea set, unpacked into the cache at the first use. */
export const syntheaBundles = (repository: string, cacheFolder: string): ImportBundle[] => {
  const shared = process.env.SHARED_DIR ?? path.join(repository, '../shared');
  const folder = path.join(cacheFolder, 'synthea');
  if (!existsSync(folder)) unpack(path.join(shared, ARCHIVE), folder);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  return files.sort().map((name) => {
    const text = readFileSync(path.join(folder, name));
    return { text, entries: (JSON.parse(text.toString()) as { entry: unknown[] }).entry.length };
  });
};

const unpack = (archive: string, folder: string): void => {
  if (!existsSync(archive)) throw new Error(`the Synthea set is not at ${archive}: set SHARED_DIR`);
  const half = `${folder}.half`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', half]);
  renameSync(half, folder);
};
