import { FhirError, errorIssue } from '../../fhir/outcome.ts';
import type { TypeSearch } from '../../fhir/search/ast.ts';
import type { IndexQuery } from '../index/query.ts';
import {
  TRANSACTION_STATEMENT_TIMEOUT_MS,
  type Database,
  type Statement,
  type Transaction,
} from '../postgres/database.ts';
import { TransactionReader, type FittingVersion, type ResourceName } from '../resource/transactionReader.ts';
import type { StoredVersion } from '../resource/types.ts';
import type { ResourceTypes } from '../schema/resourceTypes.ts';
import type { CriteriaMatch } from '../search/criteriaMatches.ts';
import type { Searcher } from '../search/searcher.ts';
import { lockStatement, type LockedCriteria } from './criteriaLocks.ts';

export type { CriteriaMatch } from '../search/criteriaMatches.ts';
export type { LockedCriteria } from './criteriaLocks.ts';

export interface ViewParts {
  database: Pick<Database, 'searchTimeoutMs'>;
  schema: string;
  index: IndexQuery;
  searcher: Searcher;
  types: ResourceTypes;
}

/** SQLSTATE of a statement that ran into its time limit. */
const QUERY_CANCELED = '57014';

/** What an open transaction sees of the store, and what it keeps others from doing. */
export class TransactionView {
  readonly #parts: ViewParts;
  readonly #tx: Transaction;
  readonly #reader: TransactionReader;
  #isSearching = false;
  #existingTypes: ReadonlySet<string> | undefined;

  constructor(parts: ViewParts, tx: Transaction) {
    this.#parts = parts;
    this.#tx = tx;
    this.#reader = new TransactionReader(parts.schema, parts.index);
  }

  /** Keeps other conditional writes with overlapping criteria waiting until the end of the transaction. @throws FhirError `busy` */
  async lock(criteria: readonly LockedCriteria[]): Promise<void> {
    if (criteria.length === 0) return;
    try {
      await this.#query(lockStatement(this.#parts.schema, criteria));
    } catch (error) {
      throw (error as { code?: unknown }).code === QUERY_CANCELED ? crowded() : error;
    }
  }

  /** Some of the resources that satisfy criteria. @throws FhirError `busy` when it takes longer than a search may */
  async matches(
    criteria: TypeSearch,
    wanted: { limit: number; withContent: boolean },
  ): Promise<CriteriaMatch[]> {
    if (!this.#isSearching) await this.#limitStatements(this.#parts.database.searchTimeoutMs);
    this.#isSearching = true;
    return this.#parts.searcher.criteriaMatches(criteria, wanted, this.#query);
  }

  /** To be called between the last of the searches and the writes, which may take longer. */
  async endSearches(): Promise<void> {
    if (this.#isSearching) await this.#limitStatements(TRANSACTION_STATEMENT_TIMEOUT_MS);
    this.#isSearching = false;
  }

  /** The current versions of resources, deletions included, all of one moment; none of those that never were. */
  async readAll(names: readonly ResourceName[]): Promise<FittingVersion[]> {
    const existing = await this.#existing();
    const there = names.filter(({ type }) => existing.has(type));
    return there.length === 0 ? [] : this.#reader.readAll(there, this.#query);
  }

  /** One version of a resource, current or superseded. */
  async readVersion(name: ResourceName, version: number): Promise<StoredVersion | undefined> {
    const existing = await this.#existing();
    return existing.has(name.type) ? this.#reader.readVersion(name, version, this.#query) : undefined;
  }

  /** A statement about a table that is not there would end the transaction. */
  async #existing(): Promise<ReadonlySet<string>> {
    return (this.#existingTypes ??= new Set(await this.#parts.types.existing()));
  }

  /** The current versions of resources of a type that has tables; they stay current until the end of the transaction. */
  lockAll(type: string, ids: readonly string[]): Promise<StoredVersion[]> {
    return this.#reader.lockAll(type, ids, this.#query);
  }

  #limitStatements(timeoutMs: number): Promise<unknown> {
    const text = `SELECT set_config('statement_timeout', $1, true)`;
    return this.#query({ name: 'limit-statements', text, values: [String(timeoutMs)] });
  }

  readonly #query = (statement: Statement) => this.#tx.query(statement);
}

const crowded = () =>
  new FhirError('busy', [
    errorIssue(
      'transient',
      'Others are writing by the same criteria, and did not end in time; nothing was done. Try again.',
    ),
  ]);
