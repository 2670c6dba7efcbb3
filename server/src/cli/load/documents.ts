import { parseExact, withoutByteOrderMark } from '../../fhir/json/parse.ts';
import { collect } from './bytes.ts';
import { refersByUrl } from './entryLinks.ts';
import type { InputFile } from './inputs.ts';
import type { Problem, Skipped, Upload } from './upload.ts';
import { bundleText, entryText, isRepeatable } from './upload.ts';

/** A JSON document is held as a whole while it is sent; a larger one belongs into NDJSON. */
export const DOCUMENT_BYTES_MAX = 32 * 1024 * 1024;
/** Entries of a collection that go into one transaction. */
export const COLLECTION_ENTRIES_MAX = 500;
const RESOURCE_TYPE = /^[A-Z][A-Za-z]{1,63}$/;
const ID = /^[A-Za-z0-9.-]{1,64}$/;

interface Entry {
  fullUrl?: unknown;
  resource?: FhirObject;
  request?: { method?: unknown };
  search?: { mode?: unknown };
}

interface FhirObject {
  resourceType?: unknown;
  id?: unknown;
  type?: unknown;
  entry?: unknown;
}

/** The requests for one JSON file: a Bundle or a resource. */
export async function* documentUploads(input: InputFile): AsyncGenerator<Upload | Problem | Skipped, void> {
  const body = await collect(input.chunks, DOCUMENT_BYTES_MAX);
  if (body === undefined) {
    const limit = DOCUMENT_BYTES_MAX / (1024 * 1024);
    return yield {
      name: input.name,
      problem: `Larger than ${limit} MiB: write it as NDJSON, one resource in each line.`,
    };
  }
  yield* textUploads(input.name, body, input.named);
}

/** The requests for one JSON text. */
export function* textUploads(
  name: string,
  text: Buffer,
  named: boolean,
): Generator<Upload | Problem | Skipped, void> {
  const body = withoutByteOrderMark(text);
  const parsed = parse(body);
  if (parsed === undefined) return yield { name, problem: 'Not well-formed JSON.' };
  const { resourceType, type } = parsed;
  if (typeof resourceType !== 'string' || !RESOURCE_TYPE.test(resourceType)) {
    return yield named
      ? { name, problem: 'Neither a FHIR resource nor a Bundle: no resourceType.' }
      : { name, skipped: true };
  }
  if (resourceType !== 'Bundle') return yield resourceUpload(name, body, parsed);
  const entries = Array.isArray(parsed.entry) ? (parsed.entry as Entry[]) : [];
  if (type === 'transaction' || type === 'batch') return yield asItIs(name, body, entries, type);
  if (type === 'history' || type === 'transaction-response' || type === 'batch-response') {
    return yield { name, problem: `A Bundle of type ${type} is no data to load.` };
  }
  yield* collectionUploads(name, body);
}

function parse(body: Buffer): FhirObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return undefined;
  }
}

/** A resource goes to its id, where it has one; without, it is created. */
export function resourceUpload(name: string, body: Buffer, { resourceType, id }: FhirObject): Upload {
  const known = typeof id === 'string' && ID.test(id);
  return {
    name,
    method: known ? 'PUT' : 'POST',
    path: known ? `${String(resourceType)}/${id}` : String(resourceType),
    body,
    resources: 1,
    repeatable: known,
  };
}

function asItIs(
  name: string,
  body: Buffer,
  entries: readonly Entry[],
  type: 'transaction' | 'batch',
): Upload {
  return {
    name,
    method: 'POST',
    path: '',
    body,
    resources: entries.filter((entry) => entry?.resource !== undefined).length,
    repeatable: entries.every((entry) => isRepeatable(entry?.request)),
    ...(type === 'batch' && { entryNames: (index: number) => `${name}, entry ${index + 1}` }),
  };
}

/**
 * A collection, search result or document becomes transactions of updates. It is cut into several only when every
 * resource has an id, and none refers to another by its `fullUrl`, which holds within one transaction.
 */
function* collectionUploads(name: string, body: Buffer): Generator<Upload | Problem, void> {
  const { entry } = parseExact(body.toString()) as { entry?: Entry[] };
  const resources = (Array.isArray(entry) ? entry : []).filter(
    (one) => typeof one?.resource?.resourceType === 'string' && one.search?.mode !== 'outcome',
  );
  if (resources.length === 0) return yield { name, problem: 'The Bundle holds no resources.' };
  const known = resources.every(({ resource }) => typeof resource?.id === 'string');
  const written = resources.map(({ resource }) => JSON.stringify(resource));
  const urls = resources.map(({ fullUrl }) => fullUrl);
  const parts = known && (resources.length <= COLLECTION_ENTRIES_MAX || !refersByUrl(written, urls));
  const size = parts ? COLLECTION_ENTRIES_MAX : resources.length;
  for (let at = 0; at < resources.length; at += size) {
    const part = resources.slice(at, at + size);
    const texts = part.map(({ resource, fullUrl }, i) =>
      entryText(
        written[at + i]!,
        String(resource?.resourceType),
        typeof resource?.id === 'string' ? resource.id : undefined,
        fullUrl,
      ),
    );
    yield {
      name: part.length === resources.length ? name : `${name}, entries ${at + 1} to ${at + part.length}`,
      method: 'POST',
      path: '',
      body: bundleText('transaction', texts),
      resources: part.length,
      repeatable: known,
    };
  }
}
