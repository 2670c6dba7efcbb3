import { randomUUID } from 'node:crypto';
import type { AccessInteraction } from '../access/access.ts';
import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/types.ts';
import { isId } from '../fhir/id.ts';
import { Links } from '../fhir/links/links.ts';
import type { ParsedJson } from '../fhir/json/parse.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { SearchQuery } from '../fhir/search/ast.ts';
import type { HistoryFilter, HistoryPage } from '../store/history/types.ts';
import { contentText } from '../store/resource/content.ts';
import type { StoredVersion, Write, WriteResult } from '../store/resource/types.ts';
import type { Store } from '../store/store.ts';
import type { ValidationOptions, Validator } from '../validation/validator.ts';
import type { AuditEvents } from './auditLog/auditEvents.ts';
import { isOfLog, requireNotOfLog } from './auditLog/logIds.ts';
import type { Caller } from './caller.ts';
import type { Cursors } from './cursors.ts';
import {
  RecordSearch,
  type ParsedSearch,
  type SearchHandling,
  type SearchResult,
  type SearchTarget,
} from './search.ts';
import { applied } from './applied.ts';
import { Gate } from './gate/gate.ts';
import type { StoredResource } from './gate/visibility.ts';
import { policyCheck } from './gate/policyCheck.ts';
import { TransactionGate } from './gate/transactionGate.ts';
import { WriteGate } from './gate/writeGate.ts';
import { RecordHistory } from './history.ts';
import { LimitedWrites, type AllowedWrite } from './limitedWrites.ts';
import { noteSubscriber } from './events/subscriber.ts';
import { live, versionNamed } from './liveVersion.ts';
import {
  asResource,
  checkValid,
  prepareCreate,
  preparePut,
  requirePutId,
  type IncomingResource,
  type PrepareParts,
} from './prepare.ts';
import { versionNumber } from './versionNumber.ts';
import { refuseRawBinary } from './rawBinary.ts';
import { recorded } from './trail/recorded.ts';
import { parseCriteria, type Criteria } from './transaction/criteria.ts';
import { dependsOnOthers } from './transaction/dependsOnOthers.ts';
import type { TokenMeanings } from './tokenMeanings.ts';
import { conditionalReferences } from './transaction/references.ts';
import { writtenIds } from './transaction/results.ts';
import { runTransaction, type TransactionParts } from './transaction/run.ts';
import type { TransactionOperation, TransactionResult } from './transaction/types.ts';

export type { FoundResource, ParsedSearch, SearchHandling, SearchResult, SearchTarget } from './search.ts';
export { GoneError } from './liveVersion.ts';
export { versionNumber } from './versionNumber.ts';
export type { Criteria } from './transaction/criteria.ts';
export type { TransactionOperation, TransactionResult } from './transaction/types.ts';
export type { StoredVersion } from '../store/resource/types.ts';
export type { HistoryEntry, HistoryFilter, HistoryPage } from '../store/history/types.ts';

/** What a write gives back. */
export interface Written {
  type: string;
  id: string;
  version: number;
  lastUpdated: Date;
  /** True if there was no live resource under this id. */
  created: boolean;
  /** True if it was there already and was not changed. */
  kept?: boolean;
  /** The resource as it is stored. */
  content: string;
}

/** Resources that one conditional delete may delete, where nothing else is said. */
export const CONDITIONAL_DELETES_MAX = 1_000;

const SEARCH_PARAMETER = 'SearchParameter';

/**
 * The one door to the records: read, search, write and transact for somebody. Surfaces know this class and never
 * the store, so whatever is checked here is checked everywhere.
 */
export class Records {
  readonly #store: Store;
  readonly #parts: PrepareParts;
  readonly #gate: Gate;
  readonly #writeGate: WriteGate;
  readonly #limited: LimitedWrites;
  readonly #history: RecordHistory;
  readonly #search: RecordSearch;
  readonly #transaction: TransactionParts;
  readonly #auditEvents: AuditEvents | undefined;

  /**
   * @param deletionsMax resources that one conditional delete may delete
   * @param meanings for searches that ask what codes mean; without, they are refused
   * @param auditEvents the log; without, AuditEvents are those that are stored as resources
   */
  constructor(
    store: Store,
    definitions: Definitions,
    validator: Validator,
    cursors: Cursors,
    deletionsMax = CONDITIONAL_DELETES_MAX,
    meanings?: TokenMeanings,
    auditEvents?: AuditEvents,
  ) {
    this.#auditEvents = auditEvents;
    this.#store = store;
    this.#parts = { definitions, validator, indexer: store.indexer, checkPolicy: policyCheck(store) };
    this.#gate = new Gate(store, meanings);
    this.#writeGate = new WriteGate(store, meanings);
    this.#limited = new LimitedWrites({
      reader: store.reader,
      prepare: this.#parts,
      gate: this.#writeGate,
      write: (write) => this.#write(write),
    });
    this.#history = new RecordHistory(store, cursors, this.#gate);
    this.#search = new RecordSearch(definitions, store, { cursors, gate: this.#gate, meanings });
    this.#transaction = {
      store,
      prepare: this.#parts,
      links: new Links(definitions),
      search: this.#search,
      deletionsMax,
      refuseRawBinary: (type, id, version) => refuseRawBinary(store, type, id, version),
    };
  }

  /** The current version. @throws FhirError `not-found`, or `gone` after a deletion */
  async read(caller: Caller, type: string, id: string): Promise<StoredVersion & { content: string }> {
    if (this.#auditEvents && isOfLog(type, id)) return this.#auditEvents.read(caller, id);
    const found = isId(id) ? await this.#store.reader.read(type, id) : undefined;
    const seen =
      caller.access === 'unrestricted'
        ? live(type, id, found)
        : await this.#gate.seen(caller, 'read', type, id, found);
    caller.trail?.shows({ ...found!, type });
    return seen;
  }

  /** One version. @throws FhirError `not-found`, or `gone` when this version is a deletion */
  async readVersion(
    caller: Caller,
    type: string,
    id: string,
    versionId: string,
  ): Promise<StoredVersion & { content: string }> {
    const version = versionNumber(versionId);
    if (version === 1 && isOfLog(type, id)) return this.read(caller, type, id);
    const known = isId(id) && version !== undefined;
    const found = known ? await this.#store.reader.readVersion(type, id, version) : undefined;
    const seen = await versionNamed(type, id, versionId, this.#gate.seen(caller, 'vread', type, id, found));
    caller.trail?.shows({ ...found!, type });
    return seen;
  }

  /** Stores a new resource under an id of the server's choice (http://hl7.org/fhir/R4/http.html#create). */
  async create(caller: Caller, type: string, body: ParsedJson): Promise<Written> {
    this.#gate.requireOffered(caller, type, 'create');
    const resource = await this.check(body, type);
    noteSubscriber(resource, caller);
    if (this.#isTransaction(caller, 'create', resource))
      return this.#transactOne(caller, { kind: 'create', type, resource });
    if (caller.access !== 'unrestricted') await this.#writeGate.checkCreate(caller.access, resource);
    const write = recorded(caller.trail, 'create', prepareCreate(this.#parts, resource, randomUUID()));
    const result = applied(write.type, write.id, await this.#write(write));
    caller.trail?.wrote();
    return {
      type,
      id: write.id,
      ...result,
      content: contentText(write.content, result.version, result.lastUpdated),
    };
  }

  /**
   * Stores a resource under the client's id, making it if it is not there (http.html#update, #upsert).
   *
   * @param expectedVersion version that must be current; 0: it must not exist
   * @throws FhirError `precondition-failed` when it is not
   */
  async update(
    caller: Caller,
    type: string,
    id: string,
    body: ParsedJson,
    expectedVersion?: number,
  ): Promise<Written> {
    this.#gate.requireWritable(caller, type);
    const resource = await this.check(body, type);
    noteSubscriber(resource, caller);
    const { access, trail } = caller;
    if (this.#isTransaction(caller, 'update', resource)) {
      requirePutId(resource, id);
      const expecting = expectedVersion === undefined ? {} : { expectedVersion };
      return this.#transactOne(caller, { kind: 'update', type, id, resource, ...expecting });
    }
    if (access !== 'unrestricted')
      return (await this.#limited.update({ access, trail }, id, resource, expectedVersion))!;
    const put = preparePut(this.#parts, resource, id, expectedVersion);
    const result = applied(type, id, await this.#write(recorded(trail, 'update', put)));
    trail?.wrote();
    return { type, id, ...result, content: contentText(put.content, result.version, result.lastUpdated) };
  }

  /** Deletes; no error when nothing is there (http.html#delete). The history stays. */
  async delete(
    caller: Caller,
    type: string,
    id: string,
    expectedVersion?: number,
  ): Promise<{ version: number; lastUpdated: Date } | undefined> {
    this.#gate.requireOffered(caller, type, 'delete');
    if (!isId(id)) return undefined;
    requireNotOfLog(type, id);
    const { access, trail } = caller;
    if (caller.provenance) return this.#deleteNoted(caller, type, id, expectedVersion);
    if (access !== 'unrestricted') return this.#limited.delete({ access, trail }, type, id, expectedVersion);
    const precondition = expectedVersion === undefined ? {} : { expectedVersion };
    const before = trail && (await this.#store.reader.read(type, id)); // tells whom it is about
    const deletion = { method: 'D' as const, type, id, ...precondition };
    const write = recorded(trail, 'delete', deletion, before);
    const result = await this.#write(write);
    if (!result.applied && result.reason === 'absent') return undefined;
    const { version, lastUpdated } = applied(type, id, result);
    trail?.wrote();
    return { version, lastUpdated };
  }

  async #deleteNoted(caller: Caller, type: string, id: string, expectedVersion: number | undefined) {
    const expecting = expectedVersion === undefined ? {} : { expectedVersion };
    const [result] = await this.transact(caller, [{ kind: 'delete', type, id, ...expecting }]);
    return result?.outcome === 'deleted' ? result.deletions[0] : undefined;
  }

  /**
   * All operations of a transaction, or none (http.html#transaction); a conditional interaction by itself is a transaction of one.
   * Later ones see what earlier ones do, in the order delete, create, update and patch, read.
   *
   * @param operations whose resources have been through {@link check}
   */
  async transact(caller: Caller, operations: readonly TransactionOperation[]): Promise<TransactionResult[]> {
    const { access, trail, provenance } = caller;
    const gate =
      access === 'unrestricted' ? undefined : new TransactionGate(access, this.#gate, this.#writeGate);
    const note = (resource: IncomingResource) => noteSubscriber(resource, caller);
    const parts = { ...this.#transaction, prepare: { ...this.#parts, note } };
    const results = await runTransaction(parts, operations, { gate, trail, provenance });
    for (const result of results) this.#changed(result.type, writtenIds(result));
    if (results.some(({ type }) => type === SEARCH_PARAMETER))
      await this.#store.reindexing.parametersChanged();
    return results;
  }

  /** What one statement does not do. */
  #isTransaction(caller: Caller, kind: 'create' | 'update', { value }: IncomingResource): boolean {
    if (caller.provenance !== undefined || dependsOnOthers(kind, value)) return true;
    return conditionalReferences(this.#transaction.links, this.#parts.definitions, value).length > 0;
  }

  async #transactOne(caller: Caller, operation: TransactionOperation): Promise<Written> {
    const [result] = await this.transact(caller, [operation]);
    if (!result || !('content' in result)) throw new Error('a write has no result');
    return { ...result, created: result.outcome === 'created' };
  }

  /** What can be searched by, and validated by, is up to date when a write of its definition is answered. */
  async #write(write: Write): Promise<WriteResult> {
    const result = await this.#store.writer.write(write);
    if (result.applied) this.#store.outbox.recent.add(write, result);
    if (result.applied) this.#changed(write.type, [write.id]);
    if (write.type === SEARCH_PARAMETER && result.applied) await this.#store.reindexing.parametersChanged();
    return result;
  }

  #changed(type: string, ids: readonly string[]): void {
    this.#store.structures.changed(type);
    this.#store.terminologyRevision.changed(type);
    this.#store.administration.changed(type);
    this.#store.outbox.written();
    this.#store.consentNotices.changed(type, ids);
  }

  /** Checks a whole resource without storing it, e.g. a transaction bundle with all its entries. */
  async check(body: ParsedJson, type: string): Promise<IncomingResource> {
    const resource = asResource(this.#parts.definitions, body, type);
    await checkValid(this.#parts.validator, resource.value);
    return resource;
  }

  /** What is wrong with a resource, or with any JSON; nothing is refused. */
  async validate(resource: Resource, options: ValidationOptions): Promise<Issue[]> {
    return this.#parts.validator.validate(resource, options);
  }

  /** Query pairs -> a search that {@link search} can run. @throws FhirError `incorrect` on what cannot be used */
  parseSearch(
    target: SearchTarget,
    pairs: readonly (readonly [string, string])[],
    handling: SearchHandling,
  ): ParsedSearch {
    return this.#search.parse(target, pairs, handling);
  }

  /**
   * Query pairs -> the criteria of a conditional interaction.
   *
   * @param at where they stand, for errors
   * @throws FhirError `incorrect` on what cannot be used; always strict
   */
  criteria(type: string, pairs: readonly (readonly [string, string])[], at?: string): Criteria {
    return parseCriteria(this.#search, type, pairs, at);
  }

  /** Counts up when there are other search parameters. */
  get searchParametersChange(): number {
    return this.#store.plans.change;
  }

  /** The search parameters of a type that can be used here. */
  searchParameters(type: string): SearchParameterDefinition[] {
    return this.#search.parameters(type);
  }

  /** @throws FhirError `forbidden` where the caller may do it with no resource of the type */
  requireOffered(caller: Caller, type: string, interaction: AccessInteraction): void {
    this.#gate.requireOffered(caller, type, interaction);
  }

  /** What the caller may write under an id, without writing it. @throws FhirError as {@link LimitedWrites.allowed} says */
  async writable({ access }: Caller, id: string, resource: IncomingResource): Promise<AllowedWrite> {
    return access === 'unrestricted' ? { resource } : this.#limited.allowed(access, id, resource);
  }

  /** A search that finds only what the caller may see, and by nothing else. @throws FhirError `forbidden` */
  narrowed(caller: Caller, query: SearchQuery): Promise<SearchQuery> {
    return this.#gate.narrowed(caller, query);
  }

  /** Of what was found in another way, that which a search would show the caller, and as it would. */
  async visible<T extends StoredResource>(caller: Caller, resources: readonly T[]): Promise<T[]> {
    const seen = await this.#gate.visible(caller, resources);
    caller.trail?.showsAll(seen);
    return seen;
  }

  /** Matches of a search with what they bring along, a page at a time. @throws FhirError as {@link RecordSearch} says */
  search(caller: Caller, query: SearchQuery): Promise<SearchResult> {
    if (this.#auditEvents?.answers(query)) return this.#auditEvents.search(caller, query);
    return this.#search.search(caller, query);
  }

  /** Versions of one resource, newest first. @throws FhirError `not-found` when there never was one */
  instanceHistory(
    caller: Caller,
    type: string,
    id: string,
    filter: HistoryFilter,
    page?: string,
  ): Promise<HistoryPage<string>> {
    return this.#history.ofInstance(caller, type, id, filter, page);
  }

  /** Versions of every resource of a type, or of all types, newest first. */
  changeHistory(
    caller: Caller,
    type: string | undefined,
    filter: HistoryFilter,
    page?: string,
  ): Promise<HistoryPage<string>> {
    return this.#history.ofChanges(caller, type, filter, page);
  }
}
