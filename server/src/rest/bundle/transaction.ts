import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { TransactionOperation } from '../../records/records.ts';
import type { FhirResponse } from '../http/types.ts';
import { bundlePieces } from '../presentation/bundlePieces.ts';
import { handlingOf } from '../interactions/search.ts';
import type { BundleContext } from './context.ts';
import { writeAnswer } from './answers.ts';
import { bundleEntry, failedEntry, type BundleEntry } from './entries.ts';
import { BundleReads } from './reads.ts';

/** All entries or none, in the order delete, create, update, read (http.html#trules). */
export async function runTransactionBundle(
  context: BundleContext,
  values: readonly JsonObject[],
  exacts: readonly JsonObject[],
): Promise<FhirResponse> {
  const entries = values.map((value, i) =>
    bundleEntry(context.definitions, context.base, i, value, exacts[i]!),
  );
  const operations = entries
    .filter((entry) => entry.method !== 'GET' && entry.method !== 'HEAD')
    .map(asOperation);
  const reads = entries.filter((entry) => entry.method === 'GET' || entry.method === 'HEAD');
  for (const entry of reads) requireRead(context, entry);
  const results = await context.records.transact(context.request.caller, operations);
  const answers = new Array<string>(entries.length);
  results.forEach((result, i) => {
    answers[operations[i]!.entry] = writeAnswer(context, result);
  });
  const found = new BundleReads(context);
  for (const entry of reads) answers[entry.index] = await readAnswer(context, found, entry);
  return { status: 200, body: bundlePieces('transaction-response', { entries: answers }) };
}

function asOperation(entry: BundleEntry): TransactionOperation {
  const { route, index, request, expectedVersion } = entry;
  const precondition = expectedVersion === undefined ? {} : { expectedVersion };
  const fullUrl = entry.fullUrl === undefined ? {} : { fullUrl: entry.fullUrl };
  const at = `Bundle.entry[${index}]`;
  if (entry.query.length > 0) {
    const text = 'Conditional update and delete are not supported by this server: nothing was changed.';
    throw fhirError('unprocessable', 'not-supported', text, `${at}.request.url`);
  }
  if (request.ifNoneMatch !== undefined) {
    throw fhirError(
      'unprocessable',
      'not-supported',
      'ifNoneMatch is not supported on writes in a bundle.',
      `${at}.request.ifNoneMatch`,
    );
  }
  if (route.interaction === 'delete')
    return { kind: 'delete', entry: index, type: route.type!, id: route.id!, ...precondition };
  const resource = { value: entry.value!, exact: entry.exact! };
  if (route.interaction === 'create' || route.interaction === 'update') {
    if (resource.value.resourceType !== route.type) {
      throw fhirError(
        'incorrect',
        'invalid',
        'The url names another resource type than the resource.',
        `${at}.request.url`,
      );
    }
    if (route.interaction === 'create')
      return { kind: 'create', entry: index, type: route.type, resource, ...fullUrl };
    return {
      kind: 'update',
      entry: index,
      type: route.type,
      id: route.id!,
      resource,
      ...fullUrl,
      ...precondition,
    };
  }
  throw fhirError(
    'incorrect',
    'not-supported',
    `A transaction cannot ${entry.method} this URL.`,
    `${at}.request.url`,
  );
}

/** A search that cannot be understood is found before anything is written. */
function requireRead(context: BundleContext, entry: BundleEntry): void {
  const { interaction } = entry.route;
  if (interaction === 'read' || interaction === 'vread') return;
  if (interaction === 'search') {
    const { records, request, handling } = context;
    records.parseSearch(entry.route, entry.query, handlingOf(request, handling));
    return;
  }
  const text = 'Of reads a transaction takes read, vread and search only: put others into a batch.';
  throw fhirError('unprocessable', 'not-supported', text, `Bundle.entry[${entry.index}].request.url`);
}

/** The writes are committed when the reads run: whatever becomes of a read is said in its own entry. */
async function readAnswer(context: BundleContext, found: BundleReads, entry: BundleEntry): Promise<string> {
  try {
    return await found.answer(entry);
  } catch (error) {
    return failedEntry(context.request, error);
  }
}
