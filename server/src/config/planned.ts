/** Variables that are reserved for later steps, as docs/configuration.md lists them. */
export const PLANNED_VARIABLES = [
  'DATABASE_REPLICA_URLS',
  'TLS_CERT_FILE',
  'TLS_KEY_FILE',
  'JANUS_URL',
] as const;

/** Those that are set though they do nothing: whoever sets TLS_CERT_FILE must not believe that there is TLS. */
export const withoutEffect = (env: NodeJS.ProcessEnv): string[] =>
  PLANNED_VARIABLES.filter((name) => (env[name] ?? '') !== '');
