import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a receiver got it. */
export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Answers a request; without, it is 204. */
export type Answer = (received: Received, response: ServerResponse) => void;

/** Somebody who is told of events: an HTTP server on this machine. */
export interface Receiver {
  url: string;
  received: Received[];
  /** Answers those that follow. */
  answerBy(answer: Answer): void;
  /** Waits for as many requests to this path, in their order. */
  gets(path: RegExp, count: number): Promise<Received[]>;
  close(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const listeners = new Set<() => void>();
  let answer: Answer = (_, response) => response.writeHead(204).end();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const one = { method: request.method!, path: request.url!, headers: request.headers, body };
      answer(one, response);
      received.push(one);
      listeners.forEach((listener) => listener());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answerBy: (by) => (answer = by),
    gets(path, count) {
      const { promise, resolve } = Promise.withResolvers<Received[]>();
      const look = () => {
        const found = received.filter((one) => path.test(one.path));
        if (found.length < count) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
      return promise;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
