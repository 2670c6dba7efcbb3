import type { StoredVersion, TransactionResult } from '../../records/records.ts';
import { resultOutcome } from '../http/outcomes.ts';
import { etag, isFresh } from '../http/etag.ts';
import { preferences } from '../http/prefer.ts';
import type { BundleContext } from './context.ts';
import { isHead, type BundleEntry } from './entries.ts';

/** The response entry of a write; with the resource or an outcome where `Prefer` asks for one. */
export function writeAnswer(context: BundleContext, result: TransactionResult): string {
  const { fullUrl, response } = described(context, result);
  const wanted = preferences(context.request.raw.headers.prefer).return;
  if (wanted === 'OperationOutcome') response.outcome = resultOutcome(result);
  const resource = wanted === 'representation' && 'content' in result ? `"resource":${result.content},` : '';
  const url = fullUrl === undefined ? '' : `"fullUrl":"${fullUrl}",`;
  return `{${url}${resource}"response":${JSON.stringify(response)}}`;
}

interface Described {
  /** Absent where several resources, or none, are meant. */
  fullUrl?: string;
  response: Record<string, unknown>;
}

function described({ base }: BundleContext, result: TransactionResult): Described {
  if (result.outcome === 'read') throw new Error('a read is answered as what it found');
  if (result.outcome === 'deleted') {
    const [only, ...others] = result.deletions;
    if (only === undefined || others.length > 0) return { response: { status: '204 No Content' } };
    const fullUrl = `${base}/${result.type}/${only.id}`;
    return { fullUrl, response: { status: '204 No Content', ...versioned(only) } };
  }
  const status = result.outcome === 'created' ? '201 Created' : '200 OK';
  const fullUrl = `${base}/${result.type}/${result.id}`;
  const location = `${fullUrl}/_history/${result.version}`;
  return { fullUrl, response: { status, location, ...versioned(result) } };
}

const versioned = ({ version, lastUpdated }: { version: number; lastUpdated: Date }) => ({
  etag: etag(version),
  lastModified: lastUpdated.toISOString(),
});

/**
 * The response entry of a read; without the resource where the client has that version (http.html#cread), and for HEAD.
 *
 * @param content only asked for where it is shown
 */
export async function readAnswer(
  { base }: BundleContext,
  found: StoredVersion,
  entry: Pick<BundleEntry, 'method' | 'route' | 'ifNoneMatch' | 'ifModifiedSince'>,
  content: () => Promise<string>,
): Promise<string> {
  const isUnchanged = isFresh(found, entry.ifNoneMatch, entry.ifModifiedSince);
  const response = { status: isUnchanged ? '304 Not Modified' : '200 OK', ...versioned(found) };
  const resource = isUnchanged || isHead(entry) ? '' : `"resource":${await content()},`;
  return `{"fullUrl":"${base}/${entry.route.type}/${found.id}",${resource}"response":${JSON.stringify(response)}}`;
}
