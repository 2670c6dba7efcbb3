import { Agent, request } from 'node:http';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** A plain HTTP client on kept connections. */
export interface Client {
  /** URL of the FHIR endpoint, without a slash at its end. */
  base: string;
  /** @param url absolute, or what follows the base: `Patient/1`, `?_type=...` */
  send(
    method: string,
    url: string,
    body?: { type: string; text: string },
    headers?: Record<string, string>,
  ): Promise<Answer>;
  close(): void;
}

export function createClient(base: string, connections: number, authorization: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const send: Client['send'] = (method, url, body, more = {}) =>
    new Promise((resolve, reject) => {
      const headers: Record<string, string> = {
        Accept: 'application/fhir+json',
        Authorization: authorization,
        ...more,
      };
      if (body) headers['Content-Type'] = body.type;
      const target = url.startsWith('http') ? url : url.startsWith('?') ? base + url : `${base}/${url}`;
      const sent = request(target, { method, agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      sent.on('error', reject);
      sent.end(body?.text);
    });
  return { base, send, close: () => agent.destroy() };
}
