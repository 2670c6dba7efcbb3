import { chownSync, existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Account } from './account.ts';
import { makePrivateFolder, writePrivateFile } from './files.ts';
import type { Layout } from './layout.ts';

/** The port only names the socket file; nothing listens on the network. */
export const SOCKET_PORT = 5432;

/** The shortest `sun_path` of the systems we run on (macOS 104, Linux 108 bytes), with its final zero. */
const SOCKET_PATH_BYTES_MAX = 103;

const socketFile = (folder: string): string => path.join(folder, `.s.PGSQL.${SOCKET_PORT}`);
const fits = (folder: string): boolean => Buffer.byteLength(socketFile(folder)) <= SOCKET_PATH_BYTES_MAX;

/**
 * The private folder of the socket: in the data folder, or where that path is too long for a socket, a short one elsewhere, which
 * the data folder remembers so that an orphaned postmaster is found again.
 */
export function socketFolderOf(layout: Layout, account: Account | undefined): string {
  if (fits(layout.socketFolder)) {
    if (!existsSync(layout.socketFolder)) makePrivateFolder(layout.socketFolder, account);
    return layout.socketFolder;
  }
  const remembered = rememberedFolder(layout, account);
  if (remembered !== undefined) return remembered;
  const folder = mkdtempSync(path.join(shortPlace(), 'maxray-'));
  if (account) chownSync(folder, account.uid, account.gid);
  writePrivateFile(layout.socketFolderNote, folder);
  return folder;
}

/** Removes what a dead postmaster left: its lock file there would stop the next one if the pid is in use again. */
export function clearSocketFolder(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { force: true });
}

/** Not in the data folder any more after a clean stop. */
export function forgetSocketFolder(layout: Layout, folder: string): void {
  if (folder === layout.socketFolder) return;
  rmSync(folder, { recursive: true, force: true });
  rmSync(layout.socketFolderNote, { force: true });
}

/** A folder in a shared place is trusted only when it is still the private one that we made. */
function rememberedFolder(layout: Layout, account: Account | undefined): string | undefined {
  if (!existsSync(layout.socketFolderNote)) return undefined;
  const folder = readFileSync(layout.socketFolderNote, 'utf8').trim();
  const status = lstatSync(folder, { throwIfNoEntry: false });
  const owner = account?.uid ?? process.getuid?.();
  const ours = status?.isDirectory() === true && status.uid === owner && (status.mode & 0o077) === 0;
  return ours ? folder : undefined;
}

function shortPlace(): string {
  const places = process.getuid?.() === 0 ? ['/run', tmpdir(), '/tmp'] : [tmpdir(), '/tmp'];
  return places.find((place) => existsSync(place) && fits(path.join(place, 'maxray-XXXXXX'))) ?? '/tmp';
}
