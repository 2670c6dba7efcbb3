import { addParameters } from '../../fhir/definitions/addParameters.ts';
import { LiveDefinitions } from '../../fhir/definitions/liveDefinitions.ts';
import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import type { Resource } from '../../fhir/resource.ts';
import { createIndexer } from '../index/indexer.ts';
import type { Indexer, IndexRows } from '../index/rows.ts';
import type { Database } from '../postgres/database.ts';
import type { KnownPlan } from '../resource/plannedWrites.ts';
import { addedParameter, type ParameterRow } from './parameterTable.ts';

/**
 * The search parameters of a store as this process knows them: FHIR's own and those that were added. Writers index by all
 * of them, searches know those whose index is complete.
 *
 * The plan has a revision, which every write names and PostgreSQL compares with the store's (clockSql): whoever has not
 * heard of a change is told so by the refusal. A search by an added parameter is compared afterwards ({@link isCurrent}).
 */
export class IndexPlans implements KnownPlan {
  /** For searches. */
  readonly searched: LiveDefinitions;
  /** With the parameters whose index is not complete yet. */
  readonly indexed: LiveDefinitions;
  readonly indexer: Indexer;
  readonly #own: Definitions;
  readonly #database: Database;
  readonly #schema: string;
  /** By resource and revision: a use keeps its definition object as long as it lasts. */
  #uses = new Map<string, SearchParameterDefinition>();
  #ready: ReadonlySet<SearchParameterDefinition> = new Set();
  #hadAdded = false;
  #revision = 0;
  #change = 0;

  constructor(
    database: Database,
    schema: string,
    definitions: Definitions,
    secret: Uint8Array,
    publicBase: string,
  ) {
    this.#database = database;
    this.#schema = schema;
    this.#own = definitions;
    this.searched = new LiveDefinitions(definitions);
    this.indexed = new LiveDefinitions(definitions);
    const { index, only, selfKey } = createIndexer(this.indexed, secret, { publicBase });
    const revision = () => this.#revision;
    this.indexer = {
      index,
      only,
      selfKey,
      get revision() {
        return revision();
      },
    };
  }

  get revision(): number {
    return this.#revision;
  }

  /** Counts up with every change of what can be searched by. */
  get change(): number {
    return this.#change;
  }

  /** Whether anything was added that can be searched by, or could: a search that was parsed then may still run. */
  get hadAdded(): boolean {
    return this.#hadAdded;
  }

  index(content: string): IndexRows {
    return this.indexer.index(JSON.parse(content) as Resource);
  }

  /** Learns what the store's parameters are now. */
  async refresh(): Promise<void> {
    const { rows } = await this.#database.read({
      name: 'index-plan',
      text: `SELECT p.revision AS plan_revision, p.change, s.* FROM "${this.#schema}".index_plan p
             LEFT JOIN "${this.#schema}".search_parameter s ON s.revision IS NOT NULL`,
      values: [],
    });
    const read = rows as unknown as (ParameterRow & { plan_revision: string; change: string })[];
    const { plan_revision: revision, change } = read[0]!;
    if (Number(change) <= this.#change) return;
    this.#take(read.filter(({ id }) => id !== null));
    this.#revision = Number(revision);
    this.#change = Number(change);
  }

  /**
   * Whether a search by these definitions that has ended before this call read a complete index: no writer can have left out
   * their rows before the search looked.
   */
  async isCurrent(definitions: Iterable<SearchParameterDefinition>): Promise<boolean> {
    await this.refresh();
    for (const definition of definitions) if (!this.#ready.has(definition)) return false;
    return true;
  }

  #take(rows: readonly ParameterRow[]): void {
    const uses = new Map<string, SearchParameterDefinition>();
    const ready = new Set<SearchParameterDefinition>();
    const pending: SearchParameterDefinition[] = [];
    for (const row of rows) {
      const { id, revision, definition, ready: isReady } = addedParameter(row);
      const name = `${id} ${revision}`;
      const used = this.#uses.get(name) ?? { ...definition!, added: { resource: id, revision: revision! } };
      uses.set(name, used);
      if (isReady) ready.add(used);
      else pending.push(used);
    }
    this.#uses = uses;
    this.#ready = ready;
    this.#hadAdded ||= ready.size > 0;
    this.indexed.exchange(addParameters(this.#own, [...uses.values()]));
    this.searched.exchange(addParameters(this.#own, [...ready], pending));
  }
}
