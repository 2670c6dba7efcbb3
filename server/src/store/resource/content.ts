import type { Resource } from '../../fhir/resource.ts';
import type { ContentParts } from './types.ts';

const BETWEEN = '","lastUpdated":"';

/**
 * The stored text of a resource, with gaps for versionId and lastUpdated, which only the store knows.
 *
 * @param resource tree to write (`ParsedJson.exact`, so that every number keeps its digits)
 */
export function contentParts(resource: Resource, id: string): ContentParts {
  const { resourceType, id: _id, meta, ...rest } = resource;
  const head = `{"resourceType":"${resourceType}","id":"${id}","meta":{"versionId":"`;
  return { head, tail: `"${metaTail(meta)}}${membersTail(rest)}` };
}

/** The whole text of one version. The SQL in sql.ts concatenates the same parts in the same way. */
export function contentText(parts: ContentParts, version: number, lastUpdated: Date): string {
  return parts.head + version + BETWEEN + lastUpdated.toISOString() + parts.tail;
}

/** SQL expression of {@link contentText}; the arguments are SQL expressions of type text. */
export function contentSql(head: string, version: string, stamp: string, tail: string): string {
  return `${head} || ${version} || '${BETWEEN}' || ${stamp} || ${tail}`;
}

function metaTail(meta: Resource['meta']): string {
  if (meta === undefined) return '';
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...rest } = meta;
  const text = JSON.stringify(rest);
  return text === '{}' ? '' : `,${text.slice(1, -1)}`;
}

function membersTail(rest: object): string {
  const text = JSON.stringify(rest);
  return text === '{}' ? '}' : `,${text.slice(1)}`;
}
