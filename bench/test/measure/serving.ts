import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers each URL with some JSON. */
export const serving = async (answer: (url: string) => object) => {
  const server = createServer((request, response) =>
    response.end(JSON.stringify(answer(request.url ?? ''))),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
};
