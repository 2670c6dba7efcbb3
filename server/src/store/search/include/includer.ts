import type { Definitions } from '../../../fhir/definitions/types.ts';
import type { Include } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { Database } from '../../postgres/database.ts';
import { storedVersion } from '../../resource/reader.ts';
import { orTooCostly } from '../tooCostly.ts';
import { gatherIncludes, gatherReferences, type Gather, type GatherParts } from './gather.ts';
import { IncludeRun, type PageResource } from './includeRun.ts';
import {
  lookupStatement,
  QUICK_RESOURCES_MAX,
  quickLookupStatement,
  type Lookup,
  type Restriction,
} from './lookup.ts';
import { namedVersionsStatement, type NamedVersionRow } from './namedVersions.ts';
import { inPageOrder, type PlacedRow, type Room } from './placedPage.ts';
import { StatementNames } from '../../statementNames.ts';
import { ReferenceWalks } from './referenceWalk.ts';
import type { Wanted, WantedType } from './wanted.ts';

/** Resources that one page may bring along, beside PAGE_BYTES_MAX of content: ten for each match of the largest page. */
export const INCLUDES_MAX_RESOURCES = 10_000;
/** How often `:iterate` goes on from what it found: no hierarchy of places or organisations is as deep. */
export const INCLUDE_ROUNDS_MAX = 100;
/** Resources whose neighbours one statement looks for. */
const STARTING_MAX = 1_000;

export type { PageResource } from './includeRun.ts';

export interface Included {
  /** By the round in which they were found, then type and age; each once, none that is a match. */
  resources: PageResource[];
  /** There would be more: INCLUDES_MAX_RESOURCES, PAGE_BYTES_MAX or INCLUDE_ROUNDS_MAX was reached. */
  truncated: boolean;
}

export type Visible = (found: readonly PageResource[]) => Promise<PageResource[]>;

export interface IncludeLimits {
  limit?: number;
  visible?: Visible | undefined;
}

export interface IncluderParts {
  database: Database;
  schema: string;
  definitions: Definitions;
  index: IndexQuery;
  /** Resource types that have tables. */
  types: { existing(): Promise<string[]> };
}

type TypeLookup = Lookup & { type: string };

interface Fetched {
  rows: PlacedRow[];
  /** There would be more than there is room for. */
  hasMore: boolean;
}

/** Answers `_include` and `_revinclude` (http://hl7.org/fhir/R4/search.html#revinclude). */
export class Includer {
  readonly #parts: IncluderParts;
  readonly #walks: ReferenceWalks;
  readonly #gathering: GatherParts;
  readonly #names = new StatementNames('include');
  /** Tables never go away, so what was seen once is known. */
  #existing: ReadonlySet<string> = new Set();

  constructor(parts: IncluderParts) {
    this.#parts = parts;
    const { definitions, index, types } = parts;
    this.#walks = new ReferenceWalks(definitions, index);
    this.#gathering = { definitions, index, walks: this.#walks, existingTypes: () => types.existing() };
  }

  /**
   * The current versions of what the matches refer to and of what refers to them; deleted resources are left out. A
   * reference to a version brings that one (http://hl7.org/fhir/R4/search.html#versions), a canonical with a version only that
   * version of its URL.
   *
   * @param limit most resources to bring @param visible of what is found, that which is to come along and be gone on from
   */
  async included(
    matches: readonly PageResource[],
    includes: readonly Include[],
    { limit = INCLUDES_MAX_RESOURCES, visible }: IncludeLimits = {},
  ): Promise<Included> {
    const run = new IncludeRun(this.#parts.index, matches, limit);
    let frontier = matches;
    let active = includes;
    for (let round = 0; frontier.length > 0 && active.length > 0 && !run.truncated; round++) {
      if (round === INCLUDE_ROUNDS_MAX) run.truncated = true;
      const before = run.resources.length;
      await this.#round(frontier, gatherIncludes(this.#gathering, active), run);
      if (visible) run.resources.push(...(await visible(run.resources.splice(before))));
      frontier = run.resources.slice(before);
      active = includes.filter((include) => include.iterate);
    }
    return { resources: run.resources, truncated: run.truncated };
  }

  /** All that the resources refer to, one hop far. @param restriction what must hold for it */
  async referenced(resources: readonly PageResource[], restriction: Restriction): Promise<Included> {
    const run = new IncludeRun(this.#parts.index, resources, INCLUDES_MAX_RESOURCES);
    await this.#round(resources, gatherReferences(this.#gathering), run, restriction);
    return { resources: run.resources, truncated: run.truncated };
  }

  async #round(
    frontier: readonly PageResource[],
    gather: Gather,
    run: IncludeRun,
    restriction?: Restriction,
  ): Promise<void> {
    for (let from = 0; from < frontier.length && !run.truncated; from += STARTING_MAX) {
      await this.#lookUp(await gather(frontier.slice(from, from + STARTING_MAX)), run, restriction);
    }
  }

  async #lookUp(wanted: Wanted, run: IncludeRun, restriction: Restriction | undefined): Promise<void> {
    const types = [...wanted.types.keys()].sort();
    const existing = await this.#withTables(types);
    const pick = (lookup: (type: string, one: WantedType) => Lookup | undefined) =>
      existing.flatMap((type) => {
        const found = lookup(type, wanted.types.get(type)!);
        return found ? [{ ...found, type }] : [];
      });
    // Checked by their content, so in a statement of their own; they are few.
    await this.#fetch(
      pick((type, one) => run.canonicalLookup(type, one)),
      run,
      restriction,
      (type, content) => wanted.types.get(type)!.accepts(this.#walks, type, JSON.parse(content)),
    );
    await this.#fetch(
      pick((type, one) => run.lookup(type, one)),
      run,
      restriction,
      () => true,
    );
    for (const type of existing) await this.#fetchVersions(type, wanted.types.get(type)!, run);
  }

  /** Last, so that the version that is the current one is not brought twice. */
  async #fetchVersions(type: string, wanted: WantedType, run: IncludeRun): Promise<void> {
    if (wanted.versions.size === 0 || run.truncated) return;
    const versions = run.versionLookup(type, wanted);
    if (versions.length === 0) return;
    const statement = namedVersionsStatement(this.#parts.schema, type, versions, run.room.bytes);
    const { rows } = await orTooCostly(this.#parts.database.search(statement));
    for (const row of rows as unknown as NamedVersionRow[]) {
      if (!row.fits) run.truncated = true;
      else if (row.is_past) run.add({ ...storedVersion(row), type, past: storedVersion(row) });
      else if (!run.has(type, row.id)) run.add({ ...storedVersion(row), type });
    }
  }

  async #fetch(
    lookups: TypeLookup[],
    run: IncludeRun,
    restriction: Restriction | undefined,
    accepts: (type: string, content: string) => boolean,
  ): Promise<void> {
    if (lookups.length === 0 || run.truncated) return;
    const { rows, hasMore } =
      (await this.#quickly(lookups, run.room, restriction)) ??
      (await this.#bounded(lookups, run.room, restriction));
    for (const row of inPageOrder(rows)) {
      const { type } = lookups[row.n]!;
      if (run.room.resources === 0) run.truncated = true;
      else if (accepts(type, row.content!)) run.add({ ...storedVersion(row), type });
    }
    if (hasMore) run.truncated = true;
  }

  /** Undefined where it would be too much. */
  async #quickly(
    lookups: readonly TypeLookup[],
    room: Room,
    restriction: Restriction | undefined,
  ): Promise<Fetched | undefined> {
    const statement = quickLookupStatement(this.#parts.schema, lookups, room.bytes, restriction);
    const name = this.#names.of(statement.text);
    const { rows } = await orTooCostly(this.#parts.database.searchQuick({ ...statement, name }));
    const placed = rows as unknown as PlacedRow[];
    if (placed.length > Math.min(QUICK_RESOURCES_MAX, room.resources)) return undefined;
    return placed.every(({ content }) => content !== null) ? { rows: placed, hasMore: false } : undefined;
  }

  async #bounded(
    lookups: readonly TypeLookup[],
    room: Room,
    restriction: Restriction | undefined,
  ): Promise<Fetched> {
    const statement = lookupStatement(this.#parts.schema, lookups, room, restriction);
    const { rows } = await orTooCostly(this.#parts.database.search(statement));
    return {
      rows: rows as unknown as PlacedRow[],
      hasMore: rows.length < Number(rows[0]?.found ?? 0),
    };
  }

  async #withTables(types: readonly string[]): Promise<string[]> {
    if (!types.every((type) => this.#existing.has(type))) {
      this.#existing = new Set(await this.#parts.types.existing());
    }
    return types.filter((type) => this.#existing.has(type));
  }
}
