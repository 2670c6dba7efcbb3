import { FHIR_BASE } from '../processes/fhirBase.ts';
import { LOOPBACK } from '../processes/target.ts';

/** What a searchset holds that comparing and paging need. */
export interface Searchset {
  link?: { relation: string; url: string }[];
  entry?: {
    resource: { resourceType: string; id: string; effectiveDateTime?: string };
    search?: { mode?: string };
  }[];
}

const ERROR_TEXT_CHARS = 300;

/** Gets a searchset. @param path below the FHIR base, beginning with a slash @throws on any status other than 2xx */
export const getSearchset = async (port: number, path: string): Promise<Searchset> => {
  const response = await fetch(`http://${LOOPBACK}:${port}${FHIR_BASE}${path}`, {
    headers: { accept: 'application/fhir+json' },
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`GET ${path}: status ${response.status} ${text.slice(0, ERROR_TEXT_CHARS)}`);
  return JSON.parse(text) as Searchset;
};
