import { buffer } from 'node:stream/consumers';
import { fhirError } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import type { SearchHandling, StoredVersion } from '../../records/records.ts';
import { textOf, type Pieces } from '../http/pieces.ts';
import { statusText } from '../http/status.ts';
import { historyBundle } from '../interactions/history.ts';
import { callOperation } from '../interactions/operation.ts';
import { handlingOf, searchBundle } from '../interactions/search.ts';
import { readAnswer } from './answers.ts';
import type { BundleContext } from './context.ts';
import { isHead, type BundleEntry } from './entries.ts';

/** Characters that the reads of one bundle may bring together; the first answer is always given. */
export const READ_CHARS_MAX = 32 * 2 ** 20;
/** Time that the searches, histories and operations of one bundle may take, added up; the one that passes it is answered. */
export const SEARCHES_MS_MAX = 60_000;

type Found = StoredVersion & { content: string };

/** What the entries of one bundle bring back: 10,000 of them may name the same large resource, or search for all. */
export class BundleReads {
  readonly #context: BundleContext;
  readonly #clock: () => number;
  #chars = 0;
  #searchesMs = 0;

  /** @param clock milliseconds */
  constructor(context: BundleContext, clock = () => performance.now()) {
    this.#context = context;
    this.#clock = clock;
  }

  /** The answer to a read, vread, search or history. @throws FhirError as those do, and `too-large`, `busy` */
  answer(entry: BundleEntry, caller: Caller): Promise<string> {
    const { route, query } = entry;
    switch (route.interaction) {
      case 'search':
        return this.#list(entry, () => searchBundle(this.#context, caller, route, query, this.#handling()));
      case 'instance-history':
      case 'type-history':
      case 'system-history':
        return this.#list(entry, () => historyBundle(this.#context, caller, route, query));
      default:
        return this.#read(entry, caller);
    }
  }

  /** Runs an operation. @throws FhirError as it does, and `too-large`, `busy`: before it runs, unless it only reads */
  async operation(entry: BundleEntry, caller: Caller): Promise<string> {
    const { method, route, query, value, exact } = entry;
    const handling = this.#handling();
    const call = { caller, handling, ...route, operation: route.operation!, method, query };
    const body = method === 'POST' && value !== undefined ? { value, exact } : undefined;
    const {
      status,
      headers,
      body: answer,
    } = await this.#inTurn(entry, () => callOperation(this.#context, call, body));
    const location = headers?.Location;
    const response = JSON.stringify({
      status: statusText(status),
      ...(location !== undefined && { location }),
    });
    if (answer === undefined || isHead(entry)) return `{"response":${response}}`;
    const text = textOf(answer);
    // What has happened must be told.
    if (method === 'POST' || location !== undefined) this.#chars += text.length;
    else this.#take(entry, text);
    return `{"resource":${text},"response":${response}}`;
  }

  async #read(entry: BundleEntry, caller: Caller): Promise<string> {
    const { records } = this.#context;
    const { type, id, versionId } = entry.route;
    this.#requireRoom(entry);
    const found =
      versionId === undefined
        ? await records.read(caller, type!, id!)
        : await records.readVersion(caller, type!, id!, versionId);
    return this.shown(entry, caller, found);
  }

  /** The answer to a read that has found this. @throws FhirError `too-large`, and `incorrect` for a view that there is not */
  shown(entry: BundleEntry, caller: Caller, found: Found): Promise<string> {
    return readAnswer(this.#context, found, entry, async () => {
      const content = await this.#content(entry, caller, found);
      this.#take(entry, content);
      return content;
    });
  }

  /** As the URL of the entry wants it; of a Binary with its bytes, which may not stand in its content. */
  async #content(entry: BundleEntry, caller: Caller, found: Found): Promise<string> {
    const { binaries, views, turns } = this.#context;
    const { type } = entry.route;
    const projector = views.ofQuery(entry.query, type);
    const content = projector?.project(found.content) ?? found.content;
    if (type !== 'Binary' || projector?.keeps(type, 'data') === false) return content;
    const beside = await binaries.bytesBeside(caller, found);
    if (beside === undefined) return content;
    return turns.run(async () => {
      if ((beside.bytes / 3) * 4 > READ_CHARS_MAX) throw tooLarge(entry);
      this.#requireRoom(entry);
      const bytes = await buffer(await beside.open());
      return `${content.slice(0, -1)},"data":"${bytes.toString('base64')}"}`;
    });
  }

  /** @param pageOf makes the Bundle */
  #list(entry: BundleEntry, pageOf: () => Promise<Pieces>): Promise<string> {
    return this.#inTurn(entry, async () => {
      const bundle = textOf(await pageOf());
      if (isHead(entry)) return '{"response":{"status":"200 OK"}}';
      this.#take(entry, bundle);
      return `{"resource":${bundle},"response":{"status":"200 OK"}}`;
    });
  }

  #inTurn<T>(entry: BundleEntry, work: () => Promise<T>): Promise<T> {
    return this.#context.turns.run(async () => {
      this.#requireRoom(entry);
      if (this.#searchesMs > SEARCHES_MS_MAX) throw tooSlow(entry);
      const startMs = this.#clock();
      try {
        return await work();
      } finally {
        this.#searchesMs += this.#clock() - startMs;
      }
    });
  }

  #handling(): SearchHandling {
    const { request, handling } = this.#context;
    return handlingOf(request, handling);
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

const tooSlow = ({ index }: BundleEntry) =>
  fhirError(
    'busy',
    'too-costly',
    'The searches of this bundle take too long, and this one was not run: send fewer together, or more selective ones.',
    `Bundle.entry[${index}].request.url`,
  );
