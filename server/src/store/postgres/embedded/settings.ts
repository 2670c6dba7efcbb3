/**
 * How the embedded PostgreSQL runs; given on its command line at each start, so that the code decides and not an old file.
 * Durability is spelled out although it is the default: it is a promise. WAL compression is left out because these binaries
 * come without lz4. Statements and details are kept out of the log, since they can hold patient data.
 */
const SETTINGS: Record<string, string> = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '128MB',
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
  const settings = { ...SETTINGS, unix_socket_directories: socketFolder, port: String(port) };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Its environment: nothing of ours (PGDATA, PGOPTIONS and the like would change what it does). */
export const POSTGRES_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
