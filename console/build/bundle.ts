import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const SOURCES = ['build', 'src', 'package.json'];
const BUNDLES = path.join(ROOT, 'dist');
/** Hexadecimal digits of a hash of what a bundle is made of. */
const NAME_CHARS = 16;
/** No bundling takes so long. */
const GIVEN_UP_MS = 3_600_000;

/** The folder that the pages of these very sources are in, or will be. */
export function bundleFolder(): string {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((source) => filesIn(source)).sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(ROOT, file)))
      .update('\0');
  return path.join(BUNDLES, hash.digest('hex').slice(0, NAME_CHARS));
}

function filesIn(source: string): string[] {
  if (source === 'package.json') return [source];
  return readdirSync(path.join(ROOT, source), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(ROOT, path.join(parentPath, name)));
}

/**
 * Bundles the pages, unless that has been done. Several may do it at once: the first who is done wins.
 *
 * @returns the folder, which is whole as soon as it is there
 * @throws Error where a page cannot be bundled, or the folder of this workspace cannot be written
 */
export async function makeBundle(): Promise<string> {
  const folder = bundleFolder();
  if (existsSync(folder)) return folder;
  const unfinished = path.join(BUNDLES, `.${path.basename(folder)}.${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  try {
    const { bundle } = await import('./vite.ts');
    await bundle(path.join(ROOT, 'src/viewer'), unfinished);
    putInPlace(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  tidy(path.basename(folder));
  return folder;
}

/** Bundles of other sources go, and what was begun so long ago that nobody is at it any more. */
function tidy(current: string): void {
  const since = Date.now() - GIVEN_UP_MS;
  for (const name of readdirSync(BUNDLES)) {
    const folder = path.join(BUNDLES, name);
    const madeMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const isUnderWay = name.startsWith('.') && madeMs > since;
    if (name !== current && !isUnderWay) rmSync(folder, { recursive: true, force: true });
  }
}

function putInPlace(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}
