import { randomUUID } from 'node:crypto';
import type { ParsedJson } from '../fhir/json/parse.ts';
import { isId } from '../fhir/id.ts';
import { Links } from '../fhir/links/links.ts';
import { contentText } from '../store/resource/content.ts';
import type { ExpectedVersion, Write, WriteResult } from '../store/resource/types.ts';
import type { Store } from '../store/store.ts';
import type { Validator } from '../validation/validator.ts';
import { applied } from './applied.ts';
import { requireNotOfLog } from './auditLog/logIds.ts';
import type { Caller } from './caller.ts';
import { noteSubscriber } from './events/subscriber.ts';
import type { Gate } from './gate/gate.ts';
import { policyCheck } from './gate/policyCheck.ts';
import { TransactionGate } from './gate/transactionGate.ts';
import { WriteGate } from './gate/writeGate.ts';
import { LimitedWrites, type AllowedWrite } from './limitedWrites.ts';
import {
  asResource,
  checkValid,
  prepareCreate,
  preparePut,
  requirePutId,
  type IncomingResource,
  type PrepareParts,
} from './prepare.ts';
import { refuseRawBinary } from './rawBinary.ts';
import type { RecordSearch } from './search.ts';
import type { TokenMeanings } from './tokenMeanings.ts';
import { recorded } from './trail/recorded.ts';
import { dependsOnOthers } from './transaction/dependsOnOthers.ts';
import { conditionalReferences } from './transaction/references.ts';
import { writtenIds } from './transaction/results.ts';
import { runTransaction, type TransactionParts } from './transaction/run.ts';
import type { TransactionOperation, TransactionResult } from './transaction/types.ts';

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

const SEARCH_PARAMETER = 'SearchParameter';

export interface RecordWriteParts {
  store: Store;
  validator: Validator;
  gate: Gate;
  search: RecordSearch;
  /** For policies that ask what codes mean. */
  meanings?: TokenMeanings | undefined;
  /** Resources that one conditional delete may delete. */
  deletionsMax: number;
}

/** The writing side of {@link Records}: alone and in transactions, for callers with and without limits. */
export class RecordWrites {
  readonly #store: Store;
  readonly #gate: Gate;
  readonly #writeGate: WriteGate;
  readonly #limited: LimitedWrites;
  readonly #prepare: PrepareParts;
  readonly #transaction: TransactionParts;

  constructor({ store, validator, gate, search, meanings, deletionsMax }: RecordWriteParts) {
    const { definitions, indexer, reader } = store;
    const prepare = { definitions, validator, indexer, checkPolicy: policyCheck(store) };
    this.#prepare = prepare;
    this.#store = store;
    this.#gate = gate;
    this.#writeGate = new WriteGate(store, meanings);
    this.#limited = new LimitedWrites({
      reader,
      prepare,
      gate: this.#writeGate,
      write: (write) => this.#write(write),
    });
    this.#transaction = {
      store,
      prepare,
      links: new Links(definitions),
      search,
      deletionsMax,
      refuseRawBinary: (type, id, version) => refuseRawBinary(store, type, id, version),
    };
  }

  /** Stores a new resource under an id of the server's choice (http://hl7.org/fhir/R4/http.html#create). */
  async create(caller: Caller, type: string, body: ParsedJson): Promise<Written> {
    this.#gate.requireOffered(caller, type, 'create');
    const resource = await this.check(body, type);
    noteSubscriber(resource, caller);
    if (this.#isTransaction(caller, 'create', resource))
      return this.#transactOne(caller, { kind: 'create', type, resource });
    if (caller.access !== 'unrestricted') await this.#writeGate.checkCreate(caller.access, resource);
    const write = recorded(caller.trail, 'create', prepareCreate(this.#prepare, resource, randomUUID()));
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
   * @throws FhirError `precondition-failed` when the current version is not the expected one
   */
  async update(
    caller: Caller,
    type: string,
    id: string,
    body: ParsedJson,
    expectedVersion?: ExpectedVersion,
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
    const put = preparePut(this.#prepare, resource, id, expectedVersion);
    const result = applied(type, id, await this.#write(recorded(trail, 'update', put)), expectedVersion);
    trail?.wrote();
    return { type, id, ...result, content: contentText(put.content, result.version, result.lastUpdated) };
  }

  /** Deletes; no error when nothing is there (http.html#delete). The history stays. */
  async delete(
    caller: Caller,
    type: string,
    id: string,
    expectedVersion?: ExpectedVersion,
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

  async #deleteNoted(caller: Caller, type: string, id: string, expectedVersion: ExpectedVersion | undefined) {
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
    const parts = { ...this.#transaction, prepare: { ...this.#prepare, note } };
    const results = await runTransaction(parts, operations, { gate, trail, provenance });
    for (const result of results) this.#changed(result.type, writtenIds(result));
    if (results.some(({ type }) => type === SEARCH_PARAMETER))
      await this.#store.reindexing.parametersChanged();
    return results;
  }

  /** What one statement does not do. */
  #isTransaction(caller: Caller, kind: 'create' | 'update', { value }: IncomingResource): boolean {
    if (caller.provenance !== undefined || dependsOnOthers(kind, value)) return true;
    return conditionalReferences(this.#transaction.links, this.#prepare.definitions, value).length > 0;
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
    const resource = asResource(this.#prepare.definitions, body, type);
    await checkValid(this.#prepare.validator, resource.value);
    return resource;
  }

  /** What the caller may write under an id, without writing it. @throws FhirError as {@link LimitedWrites.allowed} says */
  async writable({ access }: Caller, id: string, resource: IncomingResource): Promise<AllowedWrite> {
    return access === 'unrestricted' ? { resource } : this.#limited.allowed(access, id, resource);
  }
}
