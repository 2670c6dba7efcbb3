import type { AccessInteraction } from '../access/access.ts';
import type { SearchParameterDefinition } from '../fhir/definitions/types.ts';
import { isId } from '../fhir/id.ts';
import type { ParsedJson } from '../fhir/json/parse.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { SearchQuery } from '../fhir/search/ast.ts';
import type { HistoryFilter, HistoryPage } from '../store/history/types.ts';
import type { ExpectedVersion, StoredVersion } from '../store/resource/types.ts';
import type { Store } from '../store/store.ts';
import type { ValidationOptions, Validator } from '../validation/validator.ts';
import type { AuditEvents } from './auditLog/auditEvents.ts';
import { isOfLog } from './auditLog/logIds.ts';
import type { Caller } from './caller.ts';
import type { Cursors } from './cursors.ts';
import { Gate } from './gate/gate.ts';
import type { StoredResource } from './gate/visibility.ts';
import { RecordHistory } from './history.ts';
import type { AllowedWrite } from './limitedWrites.ts';
import { live, versionNamed } from './liveVersion.ts';
import type { IncomingResource } from './prepare.ts';
import {
  RecordSearch,
  type ParsedSearch,
  type SearchHandling,
  type SearchResult,
  type SearchTarget,
} from './search.ts';
import type { TokenMeanings } from './tokenMeanings.ts';
import { parseCriteria, type Criteria } from './transaction/criteria.ts';
import type { TransactionOperation, TransactionResult } from './transaction/types.ts';
import { versionNumber } from '../store/resource/versionNumber.ts';
import { RecordWrites, type Written } from './writes.ts';

export type { FoundResource, ParsedSearch, SearchHandling, SearchResult, SearchTarget } from './search.ts';
export { GoneError } from './liveVersion.ts';
export { versionNumber } from '../store/resource/versionNumber.ts';
export type { Criteria } from './transaction/criteria.ts';
export type { TransactionOperation, TransactionResult } from './transaction/types.ts';
export type { ExpectedVersion, StoredVersion } from '../store/resource/types.ts';
export type { Written } from './writes.ts';
export type { HistoryEntry, HistoryFilter, HistoryPage } from '../store/history/types.ts';

/** Resources that one conditional delete may delete, where nothing else is said. */
export const CONDITIONAL_DELETES_MAX = 1_000;

export interface RecordsParts {
  validator: Validator;
  cursors: Cursors;
  /** Resources that one conditional delete may delete. */
  deletionsMax?: number;
  /** For searches that ask what codes mean; without, they are refused. */
  meanings?: TokenMeanings;
  /** The log; without, AuditEvents are those that are stored as resources. */
  auditEvents?: AuditEvents;
}

/**
 * The one door to the records: read, search, write and transact for somebody. Surfaces know this class and never
 * the store, so whatever is checked here is checked everywhere.
 */
export class Records {
  readonly #store: Store;
  readonly #validator: Validator;
  readonly #gate: Gate;
  readonly #history: RecordHistory;
  readonly #search: RecordSearch;
  readonly #writes: RecordWrites;
  readonly #auditEvents: AuditEvents | undefined;

  constructor(store: Store, parts: RecordsParts) {
    const { validator, cursors, deletionsMax = CONDITIONAL_DELETES_MAX, meanings, auditEvents } = parts;
    const gate = new Gate(store, meanings);
    const search = new RecordSearch(store.definitions, store, { cursors, gate, meanings });
    this.#store = store;
    this.#validator = validator;
    this.#gate = gate;
    this.#history = new RecordHistory(store, cursors, gate);
    this.#search = search;
    this.#writes = new RecordWrites({ store, validator, gate, search, meanings, deletionsMax });
    this.#auditEvents = auditEvents;
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

  /** Stores a new resource under an id of the server's choice. */
  create(caller: Caller, type: string, body: ParsedJson): Promise<Written> {
    return this.#writes.create(caller, type, body);
  }

  /** Stores a resource under the client's id. @throws FhirError as {@link RecordWrites.update} says */
  update(
    caller: Caller,
    type: string,
    id: string,
    body: ParsedJson,
    expectedVersion?: ExpectedVersion,
  ): Promise<Written> {
    return this.#writes.update(caller, type, id, body, expectedVersion);
  }

  /** Deletes; no error when nothing is there. The history stays. */
  delete(
    caller: Caller,
    type: string,
    id: string,
    expectedVersion?: ExpectedVersion,
  ): Promise<{ version: number; lastUpdated: Date } | undefined> {
    return this.#writes.delete(caller, type, id, expectedVersion);
  }

  /** All operations of a transaction, or none. @param operations whose resources have been through {@link check} */
  transact(caller: Caller, operations: readonly TransactionOperation[]): Promise<TransactionResult[]> {
    return this.#writes.transact(caller, operations);
  }

  /** Checks a whole resource without storing it, e.g. a transaction bundle with all its entries. */
  check(body: ParsedJson, type: string): Promise<IncomingResource> {
    return this.#writes.check(body, type);
  }

  /** What the caller may write under an id, without writing it. @throws FhirError as a write would */
  writable(caller: Caller, id: string, resource: IncomingResource): Promise<AllowedWrite> {
    return this.#writes.writable(caller, id, resource);
  }

  /** What is wrong with a resource, or with any JSON; nothing is refused. */
  async validate(resource: Resource, options: ValidationOptions): Promise<Issue[]> {
    return this.#validator.validate(resource, options);
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
