import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { administratorOf } from '../../support/administrator.ts';

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

export interface Sending {
  method?: string;
  headers?: Record<string, string>;
  /** Objects are sent as JSON, strings and bytes as they are. */
  body?: object | string | Buffer;
}

export interface Client {
  send(path: string, sending?: Sending): Promise<Answer>;
  close(): void;
}

const FHIR_JSON = 'application/fhir+json';

/**
 * A client of one FHIR base over kept-alive connections: a path is relative to the base.
 *
 * @param authorization what it signs in with, by default as administrator
 */
export function clientOf(
  serverUrl: string,
  connections = 16,
  authorization = administratorOf(serverUrl),
): Client {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  return {
    send: async (path, { method = 'GET', headers = {}, body } = {}) => {
      const request = http.request(`${serverUrl}/fhir/R4/${path}`, {
        method,
        agent,
        headers: {
          accept: FHIR_JSON,
          authorization: await authorization(),
          ...(body !== undefined && { 'content-type': FHIR_JSON }),
          ...headers,
        },
      });
      const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
        request.once('response', resolve).once('error', reject);
      });
      request.end(bytesOf(body));
      const answer = await answered;
      const text = (await buffer(answer)).toString();
      return { status: answer.statusCode ?? 0, headers: answer.headers, text };
    },
    close: () => agent.destroy(),
  };
}

function bytesOf(body: Sending['body']): string | Buffer | undefined {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return body;
  return JSON.stringify(body);
}

/** Does `work` for every item, at most `limit` at the same time. */
export async function inFlight<T>(
  limit: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
