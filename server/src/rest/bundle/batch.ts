import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { ParsedBatch } from '../../fhir/xml/xmlFormat.ts';
import type { TransactionResult } from '../../records/records.ts';
import { OUTCOME, type Asked } from '../../records/trail/trail.ts';
import type { FhirResponse } from '../http/types.ts';
import { asResult } from '../http/outcomes.ts';
import { askedBy, askedInVain, recordFault } from '../http/recording.ts';
import { bundlePieces } from '../presentation/bundlePieces.ts';
import { writeAnswer } from './answers.ts';
import { BatchPlaceholders } from './batchPlaceholders.ts';
import { bundleEntry, failedEntry, isRead, type BundleEntry } from './entries.ts';
import { checkEntryEnvelope, checkEnvelope } from './envelope.ts';
import { asOperation } from './operations.ts';
import { BundleReads } from './reads.ts';
import type { BundleContext } from './context.ts';

/** Entries of one batch that are under way at the same time. */
const BATCH_PARALLEL_MAX = 16;

/** Every entry by itself: one that fails does not touch the others (http.html#brules). */
export async function runBatch(context: BundleContext, body: ParsedBatch): Promise<FhirResponse> {
  const values = entriesOf(body.value);
  const exacts = entriesOf(body.exact);
  await checkEnvelope(context.records, body.value as Resource);
  const answers = new Array<string>(values.length);
  const reads = new BundleReads(context);
  const placeholders = new BatchPlaceholders(values);
  const shared = { ...context, reads, placeholders };
  let next = 0;
  const worker = async () => {
    while (next < values.length) {
      const i = next++;
      const fault = body.faults.get(i);
      answers[i] = await runEntry(shared, i, values[i]!, exacts[i]!, fault);
    }
  };
  await Promise.all(Array.from({ length: BATCH_PARALLEL_MAX }, worker));
  return { status: 200, body: bundlePieces('batch-response', { entries: answers }) };
}

function entriesOf(bundle: unknown): JsonObject[] {
  const { entry: entries = [] } = bundle as Resource;
  const wellFormed =
    Array.isArray(entries) &&
    entries.every((entry) => typeof entry === 'object' && entry !== null && !Array.isArray(entry));
  if (!wellFormed)
    throw fhirError('incorrect', 'structure', 'entry must be an array of objects.', 'Bundle.entry');
  return entries as JsonObject[];
}

/** What all entries of a batch share. */
interface BatchContext extends BundleContext {
  reads: BundleReads;
  placeholders: BatchPlaceholders;
}

async function runEntry(
  context: BatchContext,
  i: number,
  value: JsonObject,
  exact: JsonObject,
  fault: FhirError | undefined,
): Promise<string> {
  const { request } = context;
  const trail = request.caller.trail?.part(askedByEntry(value));
  try {
    if (fault) throw fault;
    if (value.request) await checkEntryEnvelope(context.records, i, value);
    const entry = bundleEntry(context.definitions, context.base, i, value, exact);
    trail?.asks(askedBy(entry.route, entry.url));
    const caller = trail === undefined ? request.caller : { ...request.caller, trail };
    const answer = await perform({ ...context, request: { ...request, caller } }, entry);
    await trail?.end(OUTCOME.success);
    return answer;
  } catch (error) {
    return failedEntry(request, await recordFault(trail, error));
  }
}

/** As long as its request is not understood. */
function askedByEntry({ request }: JsonObject): Asked {
  const { method, url } = (request ?? {}) as Partial<Record<string, unknown>>;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return askedInVain(text(method), text(url));
}

async function perform(context: BatchContext, entry: BundleEntry): Promise<string> {
  const { reads } = context;
  switch (entry.route.interaction) {
    case 'operation':
      return reads.operation(entry, context.request.caller);
    case 'read':
    case 'vread':
    case 'search':
    case 'instance-history':
    case 'type-history':
    case 'system-history':
      return reads.answer(entry, context.request.caller);
    default:
      return isRead(entry)
        ? Promise.reject(notInBatch(entry))
        : writeAnswer(context, await write(context, entry));
  }
}

/** What means one resource by its id is written together with what others write at the same time. */
async function write(context: BatchContext, entry: BundleEntry): Promise<TransactionResult> {
  const { records, request } = context;
  const { caller } = request;
  context.placeholders.refuseIn(entry);
  await checkPatch(context, entry);
  const operation = asOperation(context, entry);
  const { type } = operation;
  if (operation.kind === 'create' && operation.ifNoneExist === undefined) {
    return asResult(await records.create(caller, type, operation.resource));
  }
  if (operation.kind === 'update' && operation.id !== undefined) {
    const { id, resource, expectedVersion } = operation;
    return asResult(await records.update(caller, type, id, resource, expectedVersion));
  }
  if (operation.kind === 'delete' && operation.id !== undefined) {
    const { id, expectedVersion } = operation;
    const deletion = await records.delete(caller, type, id, expectedVersion);
    return { outcome: 'deleted', type, deletions: deletion === undefined ? [] : [{ id, ...deletion }] };
  }
  if ('resource' in operation) await records.check(operation.resource, type);
  const [result] = await records.transact(caller, [operation]);
  return result!;
}

/** A resource that brings a patch is checked as in a transaction: base64 that is none would be read as something else. */
async function checkPatch({ records }: BundleContext, { method, value, exact }: BundleEntry): Promise<void> {
  const { resourceType } = value ?? {};
  if (method !== 'PATCH' || (resourceType !== 'Parameters' && resourceType !== 'Binary')) return;
  await records.check({ value, exact }, resourceType);
}

const notInBatch = ({ at }: BundleEntry) =>
  fhirError(
    'unprocessable',
    'not-supported',
    'A batch takes read, vread, search (by GET), history, operations and writes: send this request alone.',
    `${at}.request.url`,
  );
