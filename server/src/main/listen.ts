import type { Server } from 'node:http';
import { ConfigError } from '../config.ts';

/** Resolves with the port when the server accepts connections. @throws ConfigError that names PORT or HOST */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(new ConfigError('PORT', `is ${port}, which another process on this machine uses`));
      else if (error.code === 'EACCES')
        reject(new ConfigError('PORT', `is ${port}, which needs more rights`));
      else reject(error);
    });
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}

/**
 * Stops taking connections, lets running requests end, and cuts off what is still running after the time limit.
 */
export async function drain(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
