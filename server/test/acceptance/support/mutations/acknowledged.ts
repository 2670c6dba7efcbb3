import type { Client } from '../client.ts';
import type { RawAnswer } from '../rawHttp.ts';
import type { Mutation } from './mutation.ts';

/** A version as `Type/id/_history/version`. */
export type Version = string;

const LOCATION = /([A-Za-z]+\/[A-Za-z0-9.-]{1,64}\/_history\/\d+)$/;

interface HistoryBundle {
  link: { relation: string; url: string }[];
  entry?: {
    fullUrl?: string;
    resource?: unknown;
    request: { method: string; url: string };
    response: { etag: string; lastModified: string };
  }[];
}

/** All versions that the server holds, deletions included, each with how and when it came. */
export async function versionsOf(client: Client): Promise<Map<Version, string>> {
  const versions = new Map<Version, string>();
  for (let page: string | undefined = '_history?_count=500'; page !== undefined;) {
    const { status, text } = await client.send(page);
    if (status !== 200) throw new Error(`the history answers ${status}: ${text.slice(0, 300)}`);
    const { link, entry = [] } = JSON.parse(text) as HistoryBundle;
    for (const { fullUrl = '', request, response } of entry) {
      const version = /\d+/.exec(response.etag)?.[0];
      const reference = fullUrl.split('/').slice(-2).join('/');
      versions.set(`${reference}/_history/${version}`, `${request.method} ${response.lastModified}`);
    }
    page = link.find(({ relation }) => relation === 'next')?.url.split('/fhir/R4/')[1];
  }
  return versions;
}

/** The versions that an answer says were made. */
export function acknowledgedBy({ bytes }: Mutation, answer: RawAnswer): Version[] {
  const { status, headers, body } = answer;
  if (status < 200 || status >= 300) return [];
  const own = LOCATION.exec(headers.location ?? '')?.[1];
  const deleted = status === 204 ? deletion(targetOf(bytes), headers.etag) : undefined;
  return [own, deleted, ...entriesOf(body)].filter((version) => version !== undefined);
}

/** A deletion is acknowledged by its ETag, and has no Location. */
function deletion(url: string, etag: string | undefined): Version | undefined {
  const version = /^W\/"(\d+)"$/.exec(etag ?? '')?.[1];
  return version && `${url.split('/').filter(Boolean).slice(-2).join('/')}/_history/${version}`;
}

function targetOf(bytes: Buffer): string {
  const target = /^\S+ +(\S+)/.exec(bytes.subarray(0, 200).toString('latin1'))?.[1] ?? '';
  return decodeURIComponent(target.split('?')[0]!);
}

interface Answered {
  fullUrl?: string;
  response?: { status: string; location?: string; etag?: string };
}

/** Of a batch or transaction's answer, those of its entries. */
function entriesOf(body: Buffer): Version[] {
  if (!body.includes('-response"')) return [];
  const text = body.toString();
  return (text.startsWith('<') ? xmlEntries(text) : jsonEntries(text)).flatMap(
    ({ fullUrl = '', response }) => {
      const location = LOCATION.exec(response?.location ?? '')?.[1];
      const deleted = response?.status.startsWith('204') ? deletion(fullUrl, response.etag) : undefined;
      return location ?? deleted ?? [];
    },
  );
}

const jsonEntries = (text: string) => (JSON.parse(text) as { entry?: Answered[] }).entry ?? [];

/** The responses in the answer to a bundle that a mutation wants in XML, with the URL right before them. */
function xmlEntries(text: string): Answered[] {
  const responses = text.matchAll(/(?:<fullUrl value="([^"]*)"\/>)?<response>(.*?)<\/response>/gs);
  return [...responses].map(([, fullUrl = '', response = '']) => {
    const valueOf = (name: string) =>
      new RegExp(`<${name} value="([^"]*)"`).exec(response)?.[1]?.replaceAll('&quot;', '"') ?? '';
    const [status, location, etag] = [valueOf('status'), valueOf('location'), valueOf('etag')];
    return { fullUrl, response: { status, location, etag } };
  });
}
