export interface ConnectionParts {
  /** A name, an address or the folder of a socket. */
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** The URL of a connection; a socket folder stands percent-encoded in the host's place, as libpq takes it. */
export const urlOf = ({ host, port, user, password, database }: ConnectionParts): string => {
  const [encodedUser, encodedPassword, encodedHost] = [user, password, host].map(encodeURIComponent);
  return `postgres://${encodedUser}:${encodedPassword}@${encodedHost}:${port}/${encodeURIComponent(database)}`;
};

/** The same server, another database. */
export const withDatabase = (databaseUrl: string, database: string): string => {
  const url = new URL(databaseUrl);
  url.pathname = `/${database}`;
  return url.href;
};
