import { chmodSync, existsSync } from 'node:fs';
import { StartError } from '../startError.ts';
import { errorsToStderr, type Log } from '../log.ts';
import { closedFolder, postgresAccount, type Account } from './account.ts';
import { installedBinaries } from './binaries.ts';
import { SUPERUSER, ensureCluster } from './cluster.ts';
import type { EmbeddedPostgres } from './embeddedPostgres.ts';
import { layoutOf, type Layout } from './layout.ts';
import { takeOwnership } from './ownership.ts';
import { readPassword } from './password.ts';
import {
  findPostmaster,
  launchPostmaster,
  waitUntilReady,
  type EmbeddedConnection,
  type Postmaster,
  type Site,
} from './postmaster.ts';
import { SOCKET_PORT, forgetSocketFolder, socketFolderOf } from './socketFolder.ts';
import { supervise } from './supervisor.ts';
import { makeFolder } from '../../makeFolder.ts';

export interface EmbeddedOptions {
  /** Folder for everything of this server; PostgreSQL lives in its `postgres/`. */
  dataDir: string;
  /** Told in a few words what is going on when it may take longer than a moment. */
  onProgress?: (what: string) => void;
  log?: Log;
}

/** Every cluster has it; ours needs no other. */
const DATABASE = 'postgres';

/**
 * Starts the PostgreSQL of this data folder (made at the first start), or takes over one that a killed server left running, and
 * keeps it running until `stop()`.
 * @throws StartError when the folder is in use by another process, or PostgreSQL cannot run here
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? errorsToStderr;
  const layout = layoutOf(options.dataDir);
  const account = postgresAccount();
  makeFolders(layout, account);
  const giveUpOwnership = await takeOwnership(layout.owners, layout.dataDir);
  try {
    const site = await prepare(layout, account, options.onProgress ?? (() => undefined));
    const { postmaster, reused } = await bringUp(site);
    const release = (): void => {
      forgetSocketFolder(layout, site.connection.host);
      giveUpOwnership();
    };
    return supervise(postmaster, reused, {
      site,
      log,
      release,
      bringUp: async () => (await bringUp(site)).postmaster,
    });
  } catch (error) {
    giveUpOwnership();
    throw error;
  }
}

/** The connection of an embedded PostgreSQL that another process of ours runs, for command line tools; `undefined` when none runs. */
export function findEmbeddedPostgres(dataDir: string): EmbeddedConnection | undefined {
  const layout = layoutOf(dataDir);
  if (!existsSync(layout.cluster) || !findPostmaster(layout)) return undefined;
  return connectionOf(layout, postgresAccount());
}

async function prepare(
  layout: Layout,
  account: Account | undefined,
  onProgress: (what: string) => void,
): Promise<Site> {
  if (!existsSync(layout.cluster)) onProgress(`making the database in ${layout.root}`);
  const native = installedBinaries(layout, account);
  await ensureCluster(layout, native, account);
  return { layout, native, account, connection: connectionOf(layout, account) };
}

function connectionOf(layout: Layout, account: Account | undefined): EmbeddedConnection {
  return {
    host: socketFolderOf(layout, account),
    port: SOCKET_PORT,
    user: SUPERUSER,
    password: readPassword(layout.password),
    database: DATABASE,
  };
}

async function bringUp(site: Site): Promise<{ postmaster: Postmaster; reused: boolean }> {
  const running = findPostmaster(site.layout);
  if (running && (await becomesReady(site, running))) return { postmaster: running, reused: true };
  return { postmaster: await launchPostmaster(site), reused: false };
}

/** False when it ended instead (it was being stopped). */
async function becomesReady(site: Site, postmaster: Postmaster): Promise<boolean> {
  try {
    await waitUntilReady(site, postmaster);
    return true;
  } catch (error) {
    if (findPostmaster(site.layout)) throw error;
    return false;
  }
}

/** Others may pass through our folder to what is theirs in it, and see nothing else. */
function makeFolders(layout: Layout, account: Account | undefined): void {
  const closed = closedFolder(layout.dataDir, account);
  if (closed !== undefined && account) {
    throw new StartError(
      `PostgreSQL runs as user "${account.name}" here, who may not enter ${closed} on the way to the data folder ${layout.dataDir}. Set MAXRAY_DATA_DIR to a folder elsewhere (such as /var/lib/maxray), or run as an ordinary user.`,
    );
  }
  for (const folder of [layout.dataDir, layout.root]) {
    if (existsSync(folder)) continue;
    makeFolder(folder);
    chmodSync(folder, account ? 0o711 : 0o700);
  }
}
