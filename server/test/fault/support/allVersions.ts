import { inFlight, type Client } from '../../acceptance/support/client.ts';

const READERS = 16;
const HISTORY_PAGE = 500;

/** One version as the server has it. */
export interface Version {
  /** undefined: a deletion. */
  text: string | undefined;
  /** Milliseconds since 1970. */
  lastUpdatedMs: number;
}

/** By `Type/id` and number of the version. */
export type Versions = Map<string, Map<number, Version>>;

interface HistoryPage {
  link: { relation: string; url: string }[];
  entry?: {
    fullUrl: string;
    request: { method: string };
    response: { etag: string; lastModified: string };
  }[];
}

/** The history of some types, each version read once more by itself. */
export async function allVersions(client: Client, types: readonly string[]): Promise<Versions> {
  const found: Versions = new Map();
  for (const type of types) {
    for (let page: string | undefined = `${type}/_history?_count=${HISTORY_PAGE}`; page !== undefined;) {
      const bundle = JSON.parse((await client.send(page)).text) as HistoryPage;
      await inFlight(READERS, bundle.entry ?? [], async ({ fullUrl, request, response }) => {
        const key = fullUrl.split('/').slice(-2).join('/');
        const version = Number(/\d+/.exec(response.etag)![0]);
        const { status, text } = await client.send(`${key}/_history/${version}`);
        if (status !== (request.method === 'DELETE' ? 410 : 200))
          throw new Error(`${key} ${version}: ${status} ${text}`);
        const versions = found.get(key) ?? new Map<number, Version>();
        found.set(key, versions);
        const lastUpdatedMs = Date.parse(response.lastModified);
        versions.set(version, { text: status === 200 ? text : undefined, lastUpdatedMs });
      });
      page = bundle.link.find(({ relation }) => relation === 'next')?.url.split('/fhir/R4/')[1];
    }
  }
  return found;
}
