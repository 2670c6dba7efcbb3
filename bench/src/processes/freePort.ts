import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { LOOPBACK } from './target.ts';

/** A port of this machine that nobody has. */
export const freePort = async (): Promise<number> => {
  const listener = createServer().listen(0, LOOPBACK);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
};
