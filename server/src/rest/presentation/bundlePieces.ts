/** An entry as JSON text: what stands before the resource, the resource, what stands behind it. */
export type EntryPieces = readonly [before: string, resource: string, behind: string];

/** What stands in a Bundle besides its type. */
export interface BundleParts {
  /** Becomes meta.lastUpdated. */
  lastUpdated?: Date;
  /** Of a searchset: the number of matches over all pages. */
  total?: number;
  /** JSON texts, made by {@link linkText}. */
  links?: readonly string[];
  /** JSON texts, whole or in pieces. */
  entries: readonly (string | EntryPieces)[];
}

/** A Bundle of entries that are JSON texts already: put together, never parsed. */
export function bundlePieces(
  type: string,
  { lastUpdated, total, links = [], entries }: BundleParts,
): string[] {
  const metaPart = lastUpdated === undefined ? '' : `,"meta":{"lastUpdated":"${lastUpdated.toISOString()}"}`;
  const totalPart = total === undefined ? '' : `,"total":${total}`;
  const linkPart = links.length === 0 ? '' : `,"link":[${links.join(',')}]`;
  const head = `{"resourceType":"Bundle"${metaPart},"type":"${type}"${totalPart}${linkPart}`;
  if (entries.length === 0) return [`${head}}`];
  const pieces: string[] = [];
  // What stands between two resources becomes one piece.
  let between = `${head},"entry":[`;
  for (const entry of entries) {
    const [before, resource, behind] = typeof entry === 'string' ? ['', entry, ''] : entry;
    pieces.push(between + before, resource);
    between = `${behind},`;
  }
  pieces.push(`${between.slice(0, -1)}]}`);
  return pieces;
}

type Pairs = readonly (readonly [string, string])[];

/** A link of a Bundle. @param url without a query */
export function linkText(relation: string, url: string, pairs: Pairs): string {
  return JSON.stringify({ relation, url: urlWith(url, pairs) });
}

/** A URL with the pairs as its query. */
export function urlWith(url: string, pairs: Pairs): string {
  if (pairs.length === 0) return url;
  return `${url}?${pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
}
