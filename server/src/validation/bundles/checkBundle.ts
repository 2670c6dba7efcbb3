import type { JsonObject } from '../../fhir/resource.ts';
import { isObject, NO_INDEX, type ValidationState } from '../state.ts';
import { reachable } from './reachable.ts';

/** Types of Bundle whose entries have no identity before the server gives them one, or that answer such a one. */
const TENTATIVE: ReadonlySet<unknown> = new Set([
  'transaction',
  'batch',
  'transaction-response',
  'batch-response',
]);
/** Types of Bundle that stand for themselves: what they refer to is in them. */
const SELF_CONTAINED: ReadonlySet<unknown> = new Set(['document', 'message']);

const ABSOLUTE = /^(?:https?:\/\/.|urn:(?:uuid|oid):.)/;
const UUID = /^urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;
const RESTFUL = /^https?:\/\/.*\/([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/s;

/**
 * The rules of http://hl7.org/fhir/R4/bundle.html about a Bundle as a whole that its invariants do not state: identities of the entries, and
 * what a document or message refers to. The Bundle stands at `depth`.
 */
export function checkBundle(
  state: ValidationState,
  depth: number,
  bundle: JsonObject,
  isType: (name: string) => boolean,
): void {
  const { type, entry } = bundle;
  if (!Array.isArray(entry)) return;
  const isTentative = TENTATIVE.has(type);
  for (let i = 0; i < entry.length && state.depthMax >= 0; i++) {
    const item: unknown = entry[i];
    if (isObject(item)) checkIdentity(state, depth, i, item, isTentative, type, isType);
  }
  if (SELF_CONTAINED.has(type)) checkLinks(state, depth, bundle, entry);
}

function checkIdentity(
  state: ValidationState,
  depth: number,
  index: number,
  { fullUrl, resource }: JsonObject,
  isTentative: boolean,
  bundleType: unknown,
  isType: (name: string) => boolean,
): void {
  if (typeof fullUrl !== 'string') {
    if (fullUrl !== undefined || !isObject(resource) || isTentative) return;
    if (isAnonymous(resource, bundleType)) return;
    const text = 'An entry must say which resource it is: add its fullUrl.';
    return state.report('bundle-full-url', depth, 'entry', index, text);
  }
  const isUrl = ABSOLUTE.test(fullUrl) && (isTentative || !isBadUrn(fullUrl));
  if (!isUrl && !(isTentative && fullUrl === '')) {
    const text =
      'The fullUrl must be an absolute URL, or urn:uuid: or urn:oid: with a UUID in lower case or an OID: correct it.';
    return state.report('bundle-full-url', depth, 'entry', index, text);
  }
  const [, type, id] = RESTFUL.exec(fullUrl) ?? [];
  if (!isObject(resource) || isTentative || id === undefined || !isType(type!)) return;
  if (resource.resourceType !== type || resource.id !== id) {
    const text = 'The fullUrl ends in another type or id than the resource has: correct one of them.';
    state.report('bundle-identity', depth, 'entry', index, text);
  }
}

/** What a search or an operation gives, but nobody has stored: outcomes, and resources without an id. */
const isAnonymous = ({ resourceType, id }: JsonObject, bundleType: unknown): boolean =>
  bundleType === 'searchset' && (id === undefined || resourceType === 'OperationOutcome');

function isBadUrn(url: string): boolean {
  if (url.startsWith('urn:uuid:')) return !UUID.test(url);
  return url.startsWith('urn:oid:') && !OID.test(url);
}

/** What the first entry of a document or message refers to, and whether each other is connected to it. */
function checkLinks(
  state: ValidationState,
  depth: number,
  bundle: JsonObject,
  entries: readonly unknown[],
): void {
  const first = isObject(entries[0]) ? entries[0].resource : undefined;
  if (!isObject(first)) return;
  const isDocument = bundle.type === 'document';
  if (isDocument ? first.resourceType !== 'Composition' : first.resourceType !== 'MessageHeader') return;
  const before = { container: state.container, resource: state.resource };
  state.container = state.resource = first;
  for (const { reference, path } of isDocument ? compositionLinks(first) : focusLinks(first)) {
    if (reference.startsWith('#') || state.resolveByUrl(reference) !== undefined) continue;
    const why =
      state.resolve(reference) === undefined
        ? 'add the entry, or correct the reference'
        : 'an entry has this type and id, but its fullUrl says that it is another; correct one of them';
    const text = `What ${isDocument ? 'the Composition of a document' : 'the MessageHeader of a message'} refers to must be in it: ${why}.`;
    reportInFirst(state, depth, `${path}.reference`, text);
  }
  state.container = before.container;
  state.resource = before.resource;
  if (isDocument && state.thorough) reportUnreached(state, depth, entries);
}

interface Link {
  reference: string;
  /** FHIRPath below the resource. */
  path: string;
}

function reportInFirst(state: ValidationState, depth: number, path: string, text: string): void {
  state.names[depth] = 'entry';
  state.indexes[depth] = 0;
  state.names[depth + 1] = 'resource';
  state.indexes[depth + 1] = NO_INDEX;
  state.report('bundle-reference', depth + 2, path, NO_INDEX, text);
}

function reportUnreached(state: ValidationState, depth: number, entries: readonly unknown[]): void {
  const reached = reachable(state, entries);
  entries.forEach((entry, i) => {
    if (!isObject(entry) || !isObject(entry.resource) || reached.has(entry.resource)) return;
    const text =
      'Nothing leads from the Composition to this entry, nor from it there: refer to it, or leave it out.';
    state.report('bundle-unreachable', depth, 'entry', i, text, 'warning');
  });
}

/** http://hl7.org/fhir/R4/documents.html#content: what the Composition refers to by these elements is part of the document. */
function compositionLinks(composition: JsonObject): Link[] {
  return [
    ...links(composition, 'subject', 'encounter', 'author', 'custodian'),
    ...objects(composition.attester).flatMap((attester, i) =>
      links(attester, 'party').map((link) => below(`attester[${i}]`, link)),
    ),
    ...objects(composition.event).flatMap((event, i) =>
      links(event, 'detail').map((link) => below(`event[${i}]`, link)),
    ),
    ...sectionLinks(composition.section),
  ];
}

function sectionLinks(sections: unknown): Link[] {
  return objects(sections).flatMap((section, i) =>
    [...links(section, 'author', 'focus', 'entry'), ...sectionLinks(section.section)].map((link) =>
      below(`section[${i}]`, link),
    ),
  );
}

const focusLinks = (header: JsonObject): Link[] => links(header, 'focus');

const below = (path: string, link: Link): Link => ({ ...link, path: `${path}.${link.path}` });

function links(object: JsonObject, ...names: string[]): Link[] {
  return names.flatMap((name) => {
    const value = object[name];
    const isList = Array.isArray(value);
    return (isList ? value : [value]).flatMap((item: unknown, i): Link[] => {
      if (!isObject(item) || typeof item.reference !== 'string') return [];
      return [{ reference: item.reference, path: isList ? `${name}[${i}]` : name }];
    });
  });
}

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map((item) => (isObject(item) ? item : {})) : [];
}
