import { request } from 'node:http';
import { FHIR_BASE } from '../processes/fhirBase.ts';
import { headersFor, LOOPBACK, type Place } from '../processes/target.ts';
import type { ImportBundle } from './archive.ts';

/** How many bundles are under way at a time. */
const CONNECTIONS = 4;
const ERROR_TEXT_CHARS = 500;

/** What one pass over the bundles took. */
export interface Pass {
  resources: number;
  seconds: number;
  resourcesPerSecond: number;
}

/** Sends every bundle once; one that is not taken is an error. */
export const sendAll = async (
  place: Place,
  bundles: readonly ImportBundle[],
  onProgress: (sent: number, all: number) => void,
): Promise<Pass> => {
  const all = bundles.reduce((sum, { entries }) => sum + entries, 0);
  const startMs = performance.now();
  let next = 0;
  let sent = 0;
  const loop = async (): Promise<void> => {
    for (let bundle = bundles[next++]; bundle; bundle = bundles[next++]) {
      await send(place, bundle.text);
      onProgress((sent += bundle.entries), all);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, loop));
  const seconds = (performance.now() - startMs) / 1_000;
  return { resources: all, seconds, resourcesPerSecond: all / seconds };
};

/** The answer is read to its end but not looked into, so that the sender takes little of the machine. */
export const send = (place: Place, body: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/fhir+json',
      'content-length': body.length,
      ...headersFor(place),
    };
    const { port } = place;
    const sending = request(
      { host: LOOPBACK, port, path: FHIR_BASE, method: 'POST', headers },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          if (response.statusCode !== 200 && text.length < ERROR_TEXT_CHARS) text += chunk.toString();
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve();
          else
            reject(
              new Error(`a bundle met status ${response.statusCode}: ${text.slice(0, ERROR_TEXT_CHARS)}`),
            );
        });
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
