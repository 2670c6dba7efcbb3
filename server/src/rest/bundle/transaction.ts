import { FhirError, fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { TransactionOperation, TransactionResult } from '../../records/records.ts';
import { atEntry } from '../../records/transaction/atEntry.ts';
import { replacePlaceholders } from '../../records/transaction/placeholders.ts';
import { isPlaceholder, linkKey } from '../../records/transaction/references.ts';
import type { FhirResponse } from '../http/types.ts';
import { bundlePieces } from '../presentation/bundlePieces.ts';
import { handlingOf } from '../interactions/search.ts';
import type { BundleContext } from './context.ts';
import { writeAnswer } from './answers.ts';
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
  const entries = values.map((value, i) => understood(context, i, value, exacts[i]!));
  const searches = entries.filter(({ route }) => route.interaction === 'search');
  for (const entry of searches) requireSearchable(context, entry);
  const others = entries.filter(({ route }) => route.interaction !== 'search');
  const operations = others.map((entry) =>
    isRead(entry) ? asRead(context, entry) : asWrite(context, entry),
  );
  const results = await context.records.transact(context.request.caller, operations);
  const answers = new Array<string>(entries.length);
  const { caller } = context.request;
  const reads = new BundleReads(context);
  for (const [i, result] of results.entries()) {
    const entry = others[i]!;
    answers[entry.index] =
      result.outcome === 'read'
        ? await answerOf(context, () => reads.shown(entry, caller, result.found))
        : writeAnswer(context, result);
  }
  const found = new BundleReads(context);
  const named = namedByEntries(others, results);
  for (const entry of searches) {
    const query = replacePlaceholders(entry.query, named);
    answers[entry.index] = await answerOf(context, () => found.answer({ ...entry, query }, caller));
  }
  return { status: 200, body: bundlePieces('transaction-response', { entries: answers }) };
}

/** What the placeholders of entries have come to: a search asks by them for what was written just now. */
function namedByEntries(entries: readonly BundleEntry[], results: readonly TransactionResult[]) {
  const names = new Map<string, string>();
  for (const [i, result] of results.entries()) {
    const { fullUrl } = entries[i]!;
    if (fullUrl !== undefined && isPlaceholder(fullUrl) && 'content' in result)
      names.set(linkKey(fullUrl), `${result.type}/${result.id}`);
  }
  return (word: string) => names.get(linkKey(word));
}

/** As {@link bundleEntry}; a URL that means nothing is a fault of the bundle, since 404 and 405 would be said of the base. */
function understood(
  { definitions, base }: BundleContext,
  i: number,
  value: JsonObject,
  exact: JsonObject,
): BundleEntry {
  try {
    return bundleEntry(definitions, base, i, value, exact);
  } catch (error) {
    const isNowhere =
      error instanceof FhirError &&
      (error.category === 'not-found' || error.category === 'method-not-allowed');
    throw isNowhere ? new FhirError('incorrect', error.issues) : error;
  }
}

function asRead({ views }: BundleContext, { route, query, at }: BundleEntry): TransactionOperation {
  const { interaction, type, id, versionId } = route;
  if (interaction === 'read' || interaction === 'vread') {
    atEntry(`${at}.request.url`, () => views.ofQuery(query, type)); // found before anything is written
    return { kind: 'read', type: type!, at, id: id!, ...(versionId === undefined ? {} : { versionId }) };
  }
  const text = 'Of reads a transaction takes read, vread and search only: put others into a batch.';
  throw fhirError('unprocessable', 'not-supported', text, `${at}.request.url`);
}

function asWrite(context: BundleContext, entry: BundleEntry): TransactionOperation {
  const operation = asOperation(context, entry);
  return 'resource' in operation ? { ...operation, isEntry: true } : operation;
}

/** A search that cannot be understood is found before anything is written. */
function requireSearchable(
  { records, request, handling }: BundleContext,
  { route, query, at }: BundleEntry,
): void {
  atEntry(`${at}.request.url`, () => records.parseSearch(route, query, handlingOf(request, handling)));
}

/** The writes are committed by now: whatever becomes of an answer is said in its own entry. */
async function answerOf(context: BundleContext, answer: () => Promise<string>): Promise<string> {
  try {
    return await answer();
  } catch (error) {
    return failedEntry(context.request, error);
  }
}
