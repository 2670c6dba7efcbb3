import { totalmem } from 'node:os';

const MEBIBYTE = 2 ** 20;
/** PostgreSQL's own cache: part of the memory that there is, and between which sizes. It is only taken as data comes. */
const CACHE_PART = 1 / 8;
const CACHE_MIB_MIN = 128;
const CACHE_MIB_MAX = 2048;

/** @param memoryBytes that the machine or its container has */
export function cacheMib(memoryBytes: number): number {
  const part = Math.floor((memoryBytes * CACHE_PART) / MEBIBYTE);
  return Math.min(CACHE_MIB_MAX, Math.max(CACHE_MIB_MIN, part));
}

/** 0 and numbers beyond all memory mean that there is no limit. */
const memoryBytes = () => Math.min(totalmem(), process.constrainedMemory() || Infinity);

/**
 * How the embedded PostgreSQL runs; given on its command line at each start, so that the code decides and not an old file.
 * Durability is spelled out although it is the default: it is a promise. WAL compression is left out because these binaries
 * come without lz4. Reads go without PostgreSQL's own workers: what is not in its cache
 * is mostly in the system's, and handing it over costs more than copying it. Statements and details are kept out of the log, since they can hold patient data.
 */
const SETTINGS: Record<string, string> = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '200',
  io_method: 'sync',
  wal_level: 'replica',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  autovacuum: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_line_prefix: '%m [%p] %a ',
};

/** Command line of the postmaster. */
export function postmasterArguments(cluster: string, socketFolder: string, port: number): string[] {
  const cache = `${cacheMib(memoryBytes())}MB`;
  const settings = {
    ...SETTINGS,
    shared_buffers: cache,
    unix_socket_directories: socketFolder,
    port: String(port),
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Its environment: nothing of ours (PGDATA, PGOPTIONS and the like would change what it does). */
export const POSTGRES_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
