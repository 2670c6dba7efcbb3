import { patchOfEntry } from '../../fhir/patch/patch.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Criteria, TransactionOperation } from '../../records/records.ts';
import { atResource } from '../../records/transaction/atEntry.ts';
import { ifNoneExistPairs } from '../http/criteria.ts';
import type { BundleContext } from './context.ts';
import type { BundleEntry } from './entries.ts';

/**
 * What an entry that writes asks for.
 *
 * @throws FhirError `incorrect` with the place in the bundle
 */
export function asOperation(context: BundleContext, entry: BundleEntry): TransactionOperation {
  const { route, at } = entry;
  const named = { at, type: route.type!, ...fullUrlOf(context, entry) };
  switch (route.interaction) {
    case 'create':
      return { kind: 'create', ...named, resource: resourceOf(entry), ...ifNoneExist(context, entry) };
    case 'update':
    case 'conditional-update':
      return {
        kind: 'update',
        ...named,
        resource: identified(entry),
        ...target(context, entry),
        ...expected(entry),
      };
    case 'patch':
    case 'conditional-patch': {
      const body = { value: entry.value!, exact: entry.exact! };
      const patch = atResource(`${at}.resource`, body.value, () => patchOfEntry(body, context.definitions));
      return { kind: 'patch', ...named, patch, ...target(context, entry), ...expected(entry) };
    }
    case 'delete':
    case 'conditional-delete':
      return { kind: 'delete', type: route.type!, at, ...target(context, entry), ...expected(entry) };
    default:
      throw fhirError(
        'unprocessable',
        'not-supported',
        `An entry cannot ${entry.method} this URL: send it as a request of its own; in bundles searches go by GET, and operations in a batch.`,
        `${at}.request.url`,
      );
  }
}

function fullUrlOf({ base }: BundleContext, { fullUrl }: BundleEntry) {
  return fullUrl === undefined ? {} : { fullUrl, hasOwnAddress: fullUrl.startsWith(`${base}/`) };
}

type Target = { id: string } | { criteria: Criteria };

/** By id the query has no meaning, so that nobody can have meant it. */
function target({ records }: BundleContext, { route, query, at }: BundleEntry): Target {
  const url = `${at}.request.url`;
  if (route.id === undefined) return { criteria: records.criteria(route.type!, query, url) };
  requireNoQuery(query, url);
  return { id: route.id };
}

function ifNoneExist({ records, base }: BundleContext, { route, query, request, at }: BundleEntry) {
  requireNoQuery(query, `${at}.request.url`);
  const { ifNoneExist: text } = request;
  if (text === undefined) return {};
  const expression = `${at}.request.ifNoneExist`;
  if (typeof text !== 'string')
    throw fhirError('incorrect', 'value', 'ifNoneExist must be a string.', expression);
  const type = route.type!;
  const pairs = ifNoneExistPairs({ text, type, base, expression });
  return { ifNoneExist: records.criteria(type, pairs, expression) };
}

function requireNoQuery(query: BundleEntry['query'], expression: string): void {
  if (query.length === 0) return;
  throw fhirError(
    'incorrect',
    'not-supported',
    'The URL of a write has no parameters where it names no criteria: leave them out.',
    expression,
  );
}

function expected({ expectedVersion }: BundleEntry) {
  return expectedVersion === undefined ? {} : { expectedVersion };
}

/** @throws FhirError `incorrect` when the URL and the resource have different ids */
function identified(entry: BundleEntry) {
  const { id } = entry.route;
  const resource = resourceOf(entry);
  if (id === undefined || resource.value.id === id) return resource;
  const text = 'The id of the resource must be there and equal the id in the url.';
  throw fhirError('incorrect', 'invalid', text, `${entry.at}.resource.id`);
}

/** @throws FhirError `incorrect` when the URL and the resource are of different types */
function resourceOf({ route, value, exact, at }: BundleEntry) {
  if (value!.resourceType === route.type) return { value: value!, exact: exact! };
  throw fhirError(
    'incorrect',
    'invalid',
    'The url names another resource type than the resource.',
    `${at}.request.url`,
  );
}
