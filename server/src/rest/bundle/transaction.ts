import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { TransactionOperation } from '../../records/records.ts';
import type { FhirResponse } from '../http/types.ts';
import { bundlePieces } from '../presentation/bundlePieces.ts';
import { handlingOf } from '../interactions/search.ts';
import type { BundleContext } from './context.ts';
import { readAnswer, writeAnswer } from './answers.ts';
import { bundleEntry, failedEntry, isRead, type BundleEntry } from './entries.ts';
import { asOperation } from './operations.ts';
import { BundleReads } from './reads.ts';

/**
 * All entries or none, in the order delete, create, update and patch, read (http.html#trules). Searches come after the
 * commit: what becomes of them is said in their own entries.
 */
export async function runTransactionBundle(
  context: BundleContext,
  values: readonly JsonObject[],
  exacts: readonly JsonObject[],
): Promise<FhirResponse> {
  const entries = values.map((value, i) =>
    bundleEntry(context.definitions, context.base, i, value, exacts[i]!),
  );
  const searches = entries.filter(({ route }) => route.interaction === 'search');
  for (const entry of searches) requireSearchable(context, entry);
  const others = entries.filter(({ route }) => route.interaction !== 'search');
  const operations = others.map((entry) => (isRead(entry) ? asRead(entry) : asOperation(context, entry)));
  const results = await context.records.transact(context.request.caller, operations);
  const answers = new Array<string>(entries.length);
  results.forEach((result, i) => {
    const entry = others[i]!;
    answers[entry.index] =
      result.outcome === 'read'
        ? readAnswer(context, result.type, result.found, entry)
        : writeAnswer(context, result);
  });
  const found = new BundleReads(context);
  for (const entry of searches) answers[entry.index] = await searchAnswer(context, found, entry);
  return { status: 200, body: bundlePieces('transaction-response', { entries: answers }) };
}

function asRead({ route, at }: BundleEntry): TransactionOperation {
  const { interaction, type, id, versionId } = route;
  if (interaction === 'read' || interaction === 'vread') {
    return { kind: 'read', type: type!, at, id: id!, ...(versionId === undefined ? {} : { versionId }) };
  }
  const text = 'Of reads a transaction takes read, vread and search only: put others into a batch.';
  throw fhirError('unprocessable', 'not-supported', text, `${at}.request.url`);
}

/** A search that cannot be understood is found before anything is written. */
function requireSearchable(
  { records, request, handling }: BundleContext,
  { route, query }: BundleEntry,
): void {
  records.parseSearch(route, query, handlingOf(request, handling));
}

/** The writes are committed when the searches run: whatever becomes of a search is said in its own entry. */
async function searchAnswer(context: BundleContext, found: BundleReads, entry: BundleEntry): Promise<string> {
  try {
    return await found.answer(entry, context.request.caller);
  } catch (error) {
    return failedEntry(context.request, error);
  }
}
