import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is sent for a path: a file's text, or anything at all. */
export type Served =
  string | Buffer | ((request: http.IncomingMessage, response: http.ServerResponse) => void);

/** A web server that $import fetches from. */
export interface Source {
  /** Root, with a slash at its end. */
  url: string;
  /** What it has, by path without the slash. */
  files: Map<string, Served>;
  /** Paths that were asked for. */
  asked: string[];
  close(): Promise<void>;
}

export async function sourceServer(): Promise<Source> {
  const files = new Map<string, Served>();
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const path = request.url!.slice(1);
    asked.push(path);
    const served = files.get(path.split('?')[0]!);
    if (served === undefined) response.writeHead(404).end('secret words');
    else if (typeof served === 'function') served(request, response);
    else response.end(served);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    files,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** One JSON text in each line. */
export const ndjson = (resources: readonly object[]): string =>
  resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');

export const patient = (id: string, members: object = {}) => ({ resourceType: 'Patient', id, ...members });
