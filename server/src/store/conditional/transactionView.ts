import { FhirError, errorIssue } from '../../fhir/outcome.ts';
import type { TypeSearch } from '../../fhir/search/ast.ts';
import {
  TRANSACTION_STATEMENT_TIMEOUT_MS,
  type Database,
  type Statement,
  type Transaction,
} from '../postgres/database.ts';
import { OvertakenError } from '../postgres/failures.ts';
import type { FittingVersion, ResourceName, TransactionReader } from '../resource/transactionReader.ts';
import type { StoredVersion } from '../resource/types.ts';
import type { ResourceTypes } from '../schema/resourceTypes.ts';
import type { CriteriaMatch } from '../search/criteriaMatches.ts';
import type { Searcher } from '../search/searcher.ts';
import type { KeyedMatches } from './keyedMatches.ts';
import { lockStatement, type LockedCriteria } from './criteriaLocks.ts';

export type { CriteriaMatch } from '../search/criteriaMatches.ts';
export type { LockedCriteria } from './criteriaLocks.ts';

export interface ViewParts {
  database: Pick<Database, 'searchTimeoutMs'>;
  schema: string;
  searcher: Searcher;
  types: ResourceTypes;
  reader: TransactionReader;
  keyed: KeyedMatches;
}

/** Which matches are wanted. */
export interface WantedMatches {
  /** Most of them. */
  limit: number;
  withContent?: boolean;
  /** Whether they are to be written. */
  toWrite?: boolean;
}

/** Fewer criteria are looked for one by one. */
const PREFETCHED_MIN = 2;

/** How often matches are looked for again because others have written them. */
const HOLD_TRIES_MAX = 5;

/** SQLSTATE of a statement that ran into its time limit. */
const QUERY_CANCELED = '57014';

/** What an open transaction sees of the store, and what it keeps others from doing. */
export class TransactionView {
  readonly #parts: ViewParts;
  readonly #tx: Transaction;
  readonly #isPatient: boolean;
  readonly #reader: TransactionReader;
  #isSearching = false;
  readonly #prefetched = new Map<TypeSearch, CriteriaMatch[]>();

  /**
   * @param isPatient waits for writers of what is to be written: for a transaction that had to begin anew. The others hope
   *   that there are none, which is one statement less
   */
  constructor(parts: ViewParts, tx: Transaction, isPatient: boolean) {
    this.#parts = parts;
    this.#tx = tx;
    this.#isPatient = isPatient;
    this.#reader = parts.reader;
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
    { limit, withContent, toWrite }: WantedMatches,
  ): Promise<CriteriaMatch[]> {
    const prefetched = this.#prefetched.get(criteria);
    if (prefetched && !(toWrite && this.#isPatient)) return prefetched;
    await this.#beginSearches();
    const find = () =>
      this.#parts.searcher.criteriaMatches(
        criteria,
        { limit, withContent: withContent ?? false },
        this.#query,
      );
    const found = await find();
    return toWrite && this.#isPatient && found.length > 0 ? this.#held(criteria.type, found, find) : found;
  }

  /** Looks up at once what `matches` will be asked for, where a key answers it. */
  async prefetch(criteria: readonly TypeSearch[], wanted: Omit<WantedMatches, 'toWrite'>): Promise<void> {
    const { keyed } = this.#parts;
    const existing = await this.#existing(criteria);
    for (const [type, ofType] of Map.groupBy(criteria, ({ type }) => type)) {
      const keys = ofType.map((one) => keyed.keyOf(one));
      const known = new Set(keys.filter((key) => key !== undefined));
      if (known.size < PREFETCHED_MIN) continue;
      await this.#beginSearches();
      const found = existing.has(type)
        ? await keyed.find(type, [...known], wanted, this.#query)
        : new Map<bigint, CriteriaMatch[]>();
      ofType.forEach((one, i) => {
        const key = keys[i];
        if (key !== undefined) this.#prefetched.set(one, found.get(key) ?? []);
      });
    }
  }

  /** Keeps what was found from being changed, and looks again, until it was there unchanged. */
  async #held(
    type: string,
    found: CriteriaMatch[],
    find: () => Promise<CriteriaMatch[]>,
  ): Promise<CriteriaMatch[]> {
    for (let tries = 0; tries < HOLD_TRIES_MAX; tries++) {
      const ids = found.map(({ id }) => id);
      const held = new Map((await this.lockAll(type, ids)).map(({ id, version }) => [id, version]));
      if (found.every(({ id, version }) => held.get(id) === version)) return found;
      found = await find();
      if (found.every(({ id, version }) => held.get(id) === version)) return found;
    }
    throw new OvertakenError();
  }

  async #beginSearches(): Promise<void> {
    if (!this.#isSearching) await this.#limitStatements(this.#parts.database.searchTimeoutMs);
    this.#isSearching = true;
  }

  /** To be called between the last of the searches and the writes, which may take longer. */
  async endSearches(): Promise<void> {
    if (this.#isSearching) await this.#limitStatements(TRANSACTION_STATEMENT_TIMEOUT_MS);
    this.#isSearching = false;
  }

  /** The current versions of resources, deletions included, all of one moment; none of those that never were. */
  async readAll(names: readonly ResourceName[]): Promise<FittingVersion[]> {
    const existing = await this.#existing(names);
    const there = names.filter(({ type }) => existing.has(type));
    return there.length === 0 ? [] : this.#reader.readAll(there, this.#query);
  }

  /** One version of a resource, current or superseded. */
  async readVersion(name: ResourceName, version: number): Promise<StoredVersion | undefined> {
    const existing = await this.#existing([name]);
    return existing.has(name.type) ? this.#reader.readVersion(name, version, this.#query) : undefined;
  }

  /** A statement about a table that is not there would end the transaction. */
  #existing(of: readonly { type: string }[]): Promise<ReadonlySet<string>> {
    return this.#parts.types.existingOf([...new Set(of.map(({ type }) => type))]);
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
