import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { urlOf } from '../../support/server.ts';
import { testConnection } from '../../support/postgres.ts';

/** The way to the test run's PostgreSQL, which can be cut. */
export interface DatabaseProxy {
  /** As DATABASE_URL has it. */
  url: string;
  /** Cuts every connection, and lets none through until {@link mend}. */
  cut(): void;
  mend(): void;
  close(): void;
}

export async function startDatabaseProxy(): Promise<DatabaseProxy> {
  const target = new URL(urlOf(await testConnection()));
  const host = decodeURIComponent(target.hostname).replace(/^\[|\]$/g, '');
  const port = Number(target.port || 5432);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const other = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    for (const [one, peer] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined); // the other end is told by its close
      one.on('close', () => {
        sockets.delete(one);
        peer.destroy();
      });
      one.pipe(peer);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => void (isCut = false),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
