import type { Definitions } from '../../fhir/definitions/types.ts';
import type { LinkKind, Links } from '../../fhir/links/links.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { isSearchUrl } from './criteria.ts';
import { expressionOf, type TransactionOperation } from './types.ts';

/** The resource that an entry stands for. */
export interface LinkTarget {
  type: string;
  id: string;
  /** The version that the transaction makes, or keeps; absent: not known. */
  version?: number;
  /** The fullUrl is the address that it has on this server already: links to versions of that name versions that there are. */
  isAddress: boolean;
}

/** fullUrl of an entry, as {@link linkKey} -> what it stands for. */
export type LinkTargets = ReadonlyMap<string, LinkTarget>;
/** Conditional reference as it is written -> `Type/id`. */
export type FoundReferences = ReadonlyMap<string, string>;

export const NO_REFERENCES: FoundReferences = new Map();

const VERSION_PART = '/_history/';
/** URLs that name nothing outside of the bundle (http://hl7.org/fhir/R4/bundle.html#bundle-unique). */
const PLACEHOLDER = /^urn:(uuid|oid):/i;
export const isPlaceholder = (url: string): boolean => PLACEHOLDER.test(url);
const UUID_URN = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const UUID_URN_CHARS = 'urn:uuid:'.length + 36;

/** What links are compared by: UUIDs mean the same in any case (RFC 9562 4, RFC 8141 3.1), other URLs as they are written. */
export const linkKey = (url: string): string =>
  url.length === UUID_URN_CHARS && UUID_URN.test(url) ? url.toLowerCase() : url;
const ENTRY_URL = /^(https?:\/\/.*\/)[A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * What a link of a resource becomes (http://hl7.org/fhir/R4/http.html#trules): links to entries become `Type/id`, with
 * the fragment or version that they had; conditional references become references to what was found. URLs that name
 * something by themselves (`uri` and `canonical`: a system, a profile) are left alone unless they are placeholders.
 *
 * @param fullUrl of the entry that holds the link: relative references may mean its neighbours
 */
export function linkReplacer(targets: LinkTargets, found: FoundReferences, fullUrl: string | undefined) {
  const neighbours = ENTRY_URL.exec(fullUrl ?? '')?.[1];
  return (link: string, kind: LinkKind): string => {
    if ((kind === 'uri' || kind === 'canonical') && !isPlaceholder(link)) return link;
    const own = kind === 'canonical' ? canonicalToEntry(targets, link) : toEntry(targets, link);
    if (own !== undefined) return own;
    if (kind !== 'reference') return link;
    return (neighbours && toEntry(targets, neighbours + link)) ?? found.get(link) ?? link;
  };
}

function toEntry(targets: LinkTargets, link: string): string | undefined {
  const { url, version, fragment } = linkParts(link);
  const target = targets.get(linkKey(url));
  if (target === undefined || (target.isAddress && version !== '')) return undefined;
  const own = version === '' || target.version === undefined ? '' : `${VERSION_PART}${target.version}`;
  return `${target.type}/${target.id}${own}${fragment}`;
}

/** A canonical keeps the business version that it names (http://hl7.org/fhir/R4/references.html#canonical). */
function canonicalToEntry(targets: LinkTargets, link: string): string | undefined {
  const bar = link.indexOf('|');
  if (bar < 0) return toEntry(targets, link);
  const own = toEntry(targets, link.slice(0, bar));
  return own === undefined ? undefined : own + link.slice(bar);
}

/** A link to an entry, and what stands behind its fullUrl. */
export function linkParts(link: string): { url: string; version: string; fragment: string } {
  const hash = link.indexOf('#');
  const whole = hash < 0 ? link : link.slice(0, hash);
  const at = whole.indexOf(VERSION_PART);
  return {
    url: at < 0 ? whole : whole.slice(0, at),
    version: at < 0 ? '' : whole.slice(at),
    fragment: hash < 0 ? '' : link.slice(hash),
  };
}

/** What may be conditional references of a resource, as they are written: also those to other servers, which nothing resolves. */
export function conditionalReferences(links: Links, definitions: Definitions, resource: Resource): string[] {
  const asked: string[] = [];
  links.visit(resource, (link, kind) => {
    if (kind === 'reference' && link.includes('?') && isSearchUrl(definitions, link)) asked.push(link);
  });
  return asked;
}

/** @throws FhirError `incorrect` when two entries have the same fullUrl */
export function requireOwnUrls(operations: readonly TransactionOperation[]): void {
  const seen = new Set<string>();
  for (const operation of operations) {
    const fullUrl = fullUrlOf(operation);
    if (fullUrl === undefined) continue;
    if (seen.has(fullUrl)) {
      const text = 'Two entries of the transaction have the same fullUrl: give each its own.';
      throw fhirError('incorrect', 'invalid', text, expressionOf(operation, 'fullUrl'));
    }
    seen.add(fullUrl);
  }
}

/** What other entries refer to an operation's resource by, as {@link linkKey}. */
export function fullUrlOf(operation: TransactionOperation): string | undefined {
  if (operation.kind === 'delete' || operation.kind === 'read') return undefined;
  return operation.fullUrl === undefined ? undefined : linkKey(operation.fullUrl);
}

/** What links to the fullUrl of an operation lead to. @param id of the resource that it means */
export function linkTarget(operation: TransactionOperation, id: string): LinkTarget {
  const { type } = operation;
  const hasOwnAddress = 'hasOwnAddress' in operation && operation.hasOwnAddress === true;
  return { type, id, isAddress: hasOwnAddress && operation.fullUrl!.endsWith(`/${type}/${id}`) };
}
