import type { Issue } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import { outcomeText } from './errors.ts';

/** Bundles that list resources; of others the entries say more than their resources do. */
const LISTS = new Set(['searchset', 'history']);

/** A list of resources, one in each line (http://hl7.org/fhir/R4/nd-json.html). */
export interface LineList {
  lines: string;
  /** What the Bundle links to, for the header Link (RFC 8288); empty where there is nothing. */
  links: string;
}

/**
 * The resources of a Bundle in its order: matches, what they brought along, remarks. A line cannot say that a resource was
 * deleted, so an outcome in the end does.
 *
 * @param bundle with exact numbers (see parseExact) @returns undefined for what is no list
 */
export function lineList(bundle: Resource): LineList | undefined {
  if (bundle.resourceType !== 'Bundle' || !LISTS.has(bundle.type as string)) return undefined;
  const entries = (bundle.entry ?? []) as JsonObject[];
  const resources = entries.filter(({ resource }) => resource !== undefined);
  const deletions = entries.filter(({ resource }) => resource === undefined).map(deletionIssue);
  const lines = resources.map(({ resource }) => JSON.stringify(resource));
  if (deletions.length > 0) lines.push(outcomeText(deletions));
  return {
    lines: lines.map((line) => `${line}\n`).join(''),
    links: linkHeader((bundle.link ?? []) as Link[]),
  };
}

/** An entry of a history that has no resource. */
function deletionIssue({ request, response }: JsonObject): Issue {
  const { url } = request as { url: string };
  const { etag, lastModified } = response as { etag: string; lastModified: string };
  const diagnostics = `${url} was deleted at ${lastModified}, as version ${etag}.`;
  return { severity: 'information', code: 'deleted', diagnostics };
}

interface Link {
  relation: string;
  url: string;
}

/** Characters of all links together: clients and proxies bound what headers may have, often to 16 KiB. */
const LINKS_CHARS_MAX = 12_000;
/** Links by how much they are missed. */
const BY_NEED = ['next', 'previous', 'first', 'self'];

/** Those that have room: of a search that was sent as a form, the link to itself may be longer than any URL. */
function linkHeader(links: readonly Link[]): string {
  const needOf = ({ relation }: Link) => BY_NEED.indexOf(relation);
  let text = '';
  for (const { relation, url } of links.toSorted((a, b) => needOf(a) - needOf(b))) {
    const link = `${text === '' ? '' : ', '}<${url}>; rel="${relation}"`;
    if (text.length + link.length <= LINKS_CHARS_MAX) text += link;
  }
  return text;
}
