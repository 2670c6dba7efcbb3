import type { Definitions } from '../fhir/definitions/types.ts';
import { checkConsent } from '../access/consent/patientConsent.ts';
import { isId } from '../fhir/id.ts';
import type { ParsedJson } from '../fhir/json/parse.ts';
import { wholeNumberFaults } from '../fhir/json/wholeNumbers.ts';
import { FhirError, fhirError, type Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Indexer } from '../store/index/rows.ts';
import { contentParts } from '../store/resource/content.ts';
import type { CreateWrite, ExpectedVersion, PutWrite } from '../store/resource/types.ts';
import type { Validator } from '../validation/validator.ts';
import { requireNotOfLog } from './auditLog/logIds.ts';
import { removeSecrets } from './secrets.ts';

/** A parsed resource whose type has been checked. `exact` is written, `value` is looked at. */
export interface IncomingResource {
  value: Resource;
  exact: Resource;
}

/** Keys and index rows of one resource; a ValueSet of 50,000 codes has about as many. */
const INDEX_ROWS_MAX = 200_000;

export interface PrepareParts {
  definitions: Definitions;
  validator: Validator;
  indexer: Indexer;
  /** Of policies. @throws FhirError `unprocessable` for one that would not work */
  checkPolicy?: (resource: Resource) => void;
  /** Adds what the server says of who writes it. */
  note?: (resource: IncomingResource) => void;
}

/**
 * Any JSON -> a resource of the type that the URL names.
 *
 * @throws FhirError `incorrect` when it is no resource, or of another type, and for integers that are not written as such
 */
export function asResource(definitions: Definitions, parsed: ParsedJson, type?: string): IncomingResource {
  const value = parsed.value as Resource | null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fhirError('incorrect', 'structure', 'The body must be a JSON object: a FHIR resource.');
  }
  if (typeof value.resourceType !== 'string' || !definitions.isResourceType(value.resourceType)) {
    throw fhirError(
      'incorrect',
      'structure',
      'resourceType must name a FHIR R4 resource type.',
      'resourceType',
    );
  }
  if (type !== undefined && value.resourceType !== type) {
    throw fhirError(
      'incorrect',
      'invalid',
      `The body is a ${value.resourceType}, but the URL is that of a ${type}: send it to ${value.resourceType}.`,
      'resourceType',
    );
  }
  const faults = wholeNumberFaults(definitions, parsed);
  if (faults.length > 0) throw new FhirError('incorrect', faults);
  return { value, exact: parsed.exact as Resource };
}

/**
 * A promise only where the validator has to ask for something.
 *
 * @throws FhirError `incorrect` with every fault (http://hl7.org/fhir/R4/http.html#create: 400); `unprocessable` (422) where it
 *   is good FHIR, but not what its profiles ask for
 */
export function checkValid(validator: Validator, resource: Resource): void | Promise<void> {
  const issues = validator.validate(resource);
  return Array.isArray(issues) ? refuseErrors(issues) : issues.then(refuseErrors);
}

function refuseErrors(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const errors = issues.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  if (errors.length === 0) return;
  throw new FhirError(errors.every(isOfProfile) ? 'unprocessable' : 'incorrect', errors);
}

const isOfProfile = ({ details }: Issue): boolean =>
  details?.coding?.[0]?.code?.startsWith('profile-') ?? false;

/** A write for a new resource with an id of the server's choice; an id in the content is ignored. */
export function prepareCreate(parts: PrepareParts, resource: IncomingResource, id: string): CreateWrite {
  return { method: 'C', type: resource.value.resourceType, id, ...contentAndIndex(parts, resource, id) };
}

/**
 * A write for a resource under the id of the URL (http://hl7.org/fhir/R4/http.html#update).
 *
 * @throws FhirError `incorrect` when the content's id is absent or another
 */
export function preparePut(
  parts: PrepareParts,
  resource: IncomingResource,
  id: string,
  expectedVersion: ExpectedVersion | undefined,
): PutWrite {
  requirePutId(resource, id);
  return preparePutUnder(parts, resource, id, expectedVersion);
}

/** @param id of the URL @throws FhirError `incorrect` when it is none, and when the content's is absent or another */
export function requirePutId({ value }: IncomingResource, id: string): void {
  const at = `${value.resourceType}.id`;
  if (!isId(id))
    throw fhirError('incorrect', 'value', 'An id has 1 to 64 letters, digits, dashes and dots.', at);
  if (value.id !== id) {
    const text = 'The id in the content must be there and equal the id in the URL.';
    throw fhirError('incorrect', 'invalid', text, at);
  }
}

/** The same under an id that the server has found or chosen, whatever stands in the content. */
export function preparePutUnder(
  parts: PrepareParts,
  resource: IncomingResource,
  id: string,
  expectedVersion: ExpectedVersion | undefined,
): PutWrite {
  const type = resource.value.resourceType;
  const write: PutWrite = { method: 'U', type, id, ...contentAndIndex(parts, resource, id) };
  return expectedVersion === undefined ? write : { ...write, expectedVersion };
}

/** In a URL these are steps of its path, which clients take before they send it (RFC 3986 5.2.4): such a resource could not be read. */
const DOT_SEGMENTS: ReadonlySet<string> = new Set(['.', '..']);

function requireAddressable(type: string, id: string): void {
  if (!DOT_SEGMENTS.has(id)) return;
  const text = "The ids '.' and '..' are none that a URL can name: choose another one.";
  throw fhirError('incorrect', 'value', text, `${type}.id`);
}

/** Every write comes through here: what is stored has no secrets. */
function contentAndIndex(parts: PrepareParts, resource: IncomingResource, id: string) {
  requireNotOfLog(resource.value.resourceType, id);
  requireAddressable(resource.value.resourceType, id);
  parts.note?.(resource);
  if (parts.definitions.isAdministrative(resource.value.resourceType)) {
    [resource.value, resource.exact].forEach(removeSecrets);
    parts.checkPolicy?.(resource.value);
  }
  if (resource.value.resourceType === 'Consent') checkConsent(resource.value);
  const indexed = resource.value.id === id ? resource.value : { ...resource.value, id };
  const index = parts.indexer.index(indexed);
  if (index.keys.length + index.strings.length + index.ranges.length > INDEX_ROWS_MAX) {
    throw fhirError(
      'unprocessable',
      'too-costly',
      `The resource has more than ${INDEX_ROWS_MAX} values to be found by: split it into several resources.`,
    );
  }
  const { revision } = parts.indexer;
  const content = contentParts(resource.exact, id);
  return revision === undefined ? { content, index } : { content, index, planRevision: revision };
}
