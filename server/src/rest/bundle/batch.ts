import { fhirError } from '../../fhir/outcome.ts';
import type { ParsedJson } from '../../fhir/json/parse.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { FhirResponse } from '../http/types.ts';
import { bundlePieces } from '../presentation/bundlePieces.ts';
import { writeAnswer } from './answers.ts';
import { bundleEntry, failedEntry, type BundleEntry } from './entries.ts';
import { BundleReads } from './reads.ts';
import type { BundleContext } from './context.ts';

/** Entries of one batch that are under way at the same time. */
const BATCH_PARALLEL_MAX = 16;

/** Every entry by itself: one that fails does not touch the others (http.html#brules). */
export async function runBatch(context: BundleContext, body: ParsedJson): Promise<FhirResponse> {
  const values = entriesOf(body.value);
  const exacts = entriesOf(body.exact);
  const answers = new Array<string>(values.length);
  const reads = new BundleReads(context);
  let next = 0;
  const worker = async () => {
    while (next < values.length) {
      const i = next++;
      answers[i] = await runEntry(context, reads, i, values[i]!, exacts[i]!);
    }
  };
  await Promise.all(Array.from({ length: BATCH_PARALLEL_MAX }, worker));
  return { status: 200, body: bundlePieces('batch-response', { entries: answers }) };
}

function entriesOf(bundle: unknown): JsonObject[] {
  const entries = (bundle as Resource).entry ?? [];
  const wellFormed =
    Array.isArray(entries) &&
    entries.every((entry) => typeof entry === 'object' && entry !== null && !Array.isArray(entry));
  if (!wellFormed)
    throw fhirError('incorrect', 'structure', 'entry must be an array of objects.', 'Bundle.entry');
  return entries as JsonObject[];
}

async function runEntry(
  context: BundleContext,
  reads: BundleReads,
  i: number,
  value: JsonObject,
  exact: JsonObject,
): Promise<string> {
  try {
    return await perform(context, reads, bundleEntry(context.definitions, context.base, i, value, exact));
  } catch (error) {
    return failedEntry(context.request, error);
  }
}

async function perform(context: BundleContext, reads: BundleReads, entry: BundleEntry): Promise<string> {
  const { records } = context;
  const { caller } = context.request;
  const { interaction, type, id } = entry.route;
  if (interaction === 'operation') return reads.operation(entry);
  const expected = entry.expectedVersion;
  const body = { value: entry.value, exact: entry.exact };
  if (
    entry.method !== 'GET' &&
    entry.method !== 'HEAD' &&
    (entry.query.length > 0 || entry.request.ifNoneMatch !== undefined)
  ) {
    throw fhirError(
      'unprocessable',
      'not-supported',
      'Conditional writes are not supported by this server: nothing was changed.',
    );
  }
  switch (interaction) {
    case 'create':
      return writeAnswer(context, await records.create(caller, type!, body));
    case 'update':
      return writeAnswer(context, await records.update(caller, type!, id!, body, expected));
    case 'delete': {
      const deletion = await records.delete(caller, type!, id!, expected);
      return writeAnswer(context, { type: type!, id: id!, created: false, ...deletion });
    }
    case 'read':
    case 'vread':
    case 'search':
      return reads.answer(entry);
    default:
      throw fhirError(
        'unprocessable',
        'not-supported',
        'A batch takes read, vread, search (by GET), operations, create, update and delete: send this request alone.',
      );
  }
}
