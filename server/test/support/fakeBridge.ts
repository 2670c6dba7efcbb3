import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands for a DICOM bridge that counts something. */
export interface FakeBridge {
  url: string;
  /** Values of the header Authorization that were sent. */
  authorizations: Set<string | undefined>;
  stop(): Promise<void>;
}

/** @param answers bodies by their paths; anything else is 404 */
export async function startFakeBridge(answers: Readonly<Record<string, string>>): Promise<FakeBridge> {
  const authorizations = new Set<string | undefined>();
  const server = http.createServer((request, response) => {
    authorizations.add(request.headers.authorization);
    const body = answers[request.url!];
    response.writeHead(body === undefined ? 404 : 200).end(body ?? '{"error":"There is nothing."}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorizations,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
