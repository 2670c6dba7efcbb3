import { get } from 'node:http';
import { FHIR_BASE } from '../processes/fhirBase.ts';
import { headersFor, LOOPBACK, type Place } from '../processes/target.ts';

/** What a searchset holds that comparing and paging need. */
export interface Searchset {
  link?: { relation: string; url: string }[];
  entry?: {
    resource: { resourceType: string; id: string; effectiveDateTime?: string };
    search?: { mode?: string };
  }[];
}

const ERROR_TEXT_CHARS = 300;

/** Gets a searchset. @param path below the FHIR base, beginning with a slash @throws on any status other than 200 */
export const getSearchset = async (place: Place, path: string): Promise<Searchset> => {
  const { status, text } = await new Promise<{ status: number | undefined; text: string }>(
    (resolve, reject) => {
      // A connection of its own: one that is kept can be closed by the other side just when it is used again.
      const to = {
        host: LOOPBACK,
        port: place.port,
        path: `${FHIR_BASE}${path}`,
        headers: headersFor(place),
      };
      const asked = get({ ...to, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }),
        );
        response.on('error', reject);
      });
      asked.on('error', reject);
    },
  );
  if (status !== 200) throw new Error(`GET ${path}: status ${status} ${text.slice(0, ERROR_TEXT_CHARS)}`);
  return JSON.parse(text) as Searchset;
};
