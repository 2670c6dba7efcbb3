import path from 'node:path';
import { closedFolder, postgresAccount } from './account.ts';

/** Where data goes when root works in a checkout that the account of PostgreSQL cannot reach. */
const SYSTEM_DATA_DIR = '/var/lib/maxray';

/** What the embedded PostgreSQL keeps in `<data folder>/postgres`. */
export interface Layout {
  dataDir: string;
  root: string;
  /** PGDATA; exists only when initdb has ended well. */
  cluster: string;
  /** Beginning of the names of folders that initdb works in. */
  unfinishedClusters: string;
  password: string;
  serverLog: string;
  /** Remembers the socket folder when it cannot be below the data folder. */
  socketFolderNote: string;
  socketFolder: string;
  /** One file for each process that owns or wants this data folder. */
  owners: string;
}

/** The places below a data folder. */
export function layoutOf(dataDir: string): Layout {
  const root = path.join(path.resolve(dataDir), 'postgres');
  return {
    dataDir: path.resolve(dataDir),
    root,
    cluster: path.join(root, 'cluster'),
    unfinishedClusters: path.join(root, 'unfinished-'),
    password: path.join(root, 'password'),
    serverLog: path.join(root, 'postgres.log'),
    socketFolderNote: path.join(root, 'socket-folder'),
    socketFolder: path.join(root, 'socket'),
    owners: path.join(root, 'owners'),
  };
}

/** `MAXRAY_DATA_DIR` when it is not set: `.maxray/` in the checkout; as root in a checkout that is closed to others, /var/lib/maxray. */
export function defaultDataDir(checkoutDir: string): string {
  const closed = closedFolder(checkoutDir, postgresAccount());
  return closed === undefined ? path.join(path.resolve(checkoutDir), '.maxray') : SYSTEM_DATA_DIR;
}
