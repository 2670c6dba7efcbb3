import { fhirError } from '../../fhir/outcome.ts';
import { etag } from '../http/etag.ts';
import { statusText } from '../http/status.ts';
import { callOperation } from '../interactions/operation.ts';
import { handlingOf, searchBundle } from '../interactions/search.ts';
import type { BundleContext } from './context.ts';
import type { BundleEntry } from './entries.ts';

/** Characters that the reads of one bundle may bring together; the first answer is always given. */
export const READ_CHARS_MAX = 32 * 2 ** 20;

/** What the entries of one bundle bring back: 10,000 of them may name the same large resource, or search for all. */
export class BundleReads {
  readonly #context: BundleContext;
  #chars = 0;

  constructor(context: BundleContext) {
    this.#context = context;
  }

  /** The answer to a read, vread or search. @throws FhirError as those do, and `too-large` */
  answer(entry: BundleEntry): Promise<string> {
    return entry.route.interaction === 'search' ? this.#search(entry) : this.#read(entry);
  }

  /** Runs an operation. @throws FhirError as it does, and `too-large`: before it runs, unless it only reads */
  async operation(entry: BundleEntry): Promise<string> {
    this.#requireRoom(entry);
    const { method, route, query, value, exact } = entry;
    const call = { ...this.#caller(), ...route, operation: route.operation!, method, query };
    const body = method === 'POST' && value !== undefined ? { value, exact } : undefined;
    const { status, body: text } = await this.#context.turns.run(() =>
      callOperation(this.#context, call, body),
    );
    const response = JSON.stringify({ status: statusText(status) });
    if (text === undefined) return `{"response":${response}}`;
    // What has happened must be told.
    if (method === 'POST') this.#chars += text.length;
    else this.#take(entry, text);
    return `{"resource":${text},"response":${response}}`;
  }

  async #read(entry: BundleEntry): Promise<string> {
    const { records, request, base } = this.#context;
    const { type, id, versionId } = entry.route;
    this.#requireRoom(entry);
    const found =
      versionId === undefined
        ? await records.read(request.caller, type!, id!)
        : await records.readVersion(request.caller, type!, id!, versionId);
    this.#take(entry, found.content);
    const response = {
      status: '200 OK',
      etag: etag(found.version),
      lastModified: found.lastUpdated.toISOString(),
    };
    return `{"fullUrl":"${base}/${type}/${id}","resource":${found.content},"response":${JSON.stringify(response)}}`;
  }

  #search(entry: BundleEntry): Promise<string> {
    const { caller, handling } = this.#caller();
    return this.#context.turns.run(async () => {
      this.#requireRoom(entry);
      const bundle = await searchBundle(this.#context, caller, entry.route, entry.query, handling);
      this.#take(entry, bundle);
      return `{"resource":${bundle},"response":{"status":"200 OK"}}`;
    });
  }

  #caller() {
    const { request, handling } = this.#context;
    return { caller: request.caller, handling: handlingOf(request, handling) };
  }

  #requireRoom(entry: BundleEntry): void {
    if (this.#chars > READ_CHARS_MAX) throw tooLarge(entry);
  }

  #take(entry: BundleEntry, text: string): void {
    const before = this.#chars;
    this.#chars += text.length;
    if (before > 0 && this.#chars > READ_CHARS_MAX) throw tooLarge(entry);
  }
}

const tooLarge = ({ index }: BundleEntry) =>
  fhirError(
    'too-large',
    'too-costly',
    'The bundle reads too much for one answer: send this entry as a request of its own.',
    `Bundle.entry[${index}].request.url`,
  );
