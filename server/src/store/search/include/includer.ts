import { setImmediate } from 'node:timers/promises';
import type { Definitions } from '../../../fhir/definitions/types.ts';
import type { Include } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { Database } from '../../postgres/database.ts';
import { storedVersion } from '../../resource/reader.ts';
import { IncludeRun, type PageResource } from './includeRun.ts';
import { lookupStatement, type Lookup, type LookupRow, type Restriction } from './lookup.ts';
import { ReferenceWalks } from './referenceWalk.ts';
import { Wanted, type Starting, type WantedType } from './wanted.ts';

/** Resources that one page may bring along, beside PAGE_BYTES_MAX of content: ten for each match of the largest page. */
export const INCLUDES_MAX_RESOURCES = 10_000;
/** How often `:iterate` goes on from what it found: no hierarchy of places or organisations is as deep. */
export const INCLUDE_ROUNDS_MAX = 100;
/** Resources whose neighbours one statement looks for. */
const STARTING_MAX = 1_000;
/** Characters that are parsed before others get their turn: about 10 ms. */
const PARSED_CHARS_MAX = 1_000_000;

export type { PageResource } from './includeRun.ts';

export interface Included {
  /** By the round in which they were found, then type and age; each once, none that is a match. */
  resources: PageResource[];
  /** There would be more: INCLUDES_MAX_RESOURCES, PAGE_BYTES_MAX or INCLUDE_ROUNDS_MAX was reached. */
  truncated: boolean;
}

export interface IncluderParts {
  database: Database;
  schema: string;
  definitions: Definitions;
  index: IndexQuery;
  /** Resource types that have tables. */
  types: { existing(): Promise<string[]> };
}

/** Answers `_include` and `_revinclude` (http://hl7.org/fhir/R4/search.html#revinclude). */
export class Includer {
  readonly #parts: IncluderParts;
  readonly #walks: ReferenceWalks;
  /** Tables never go away, so what was seen once is known. */
  #existing: ReadonlySet<string> = new Set();

  constructor(parts: IncluderParts) {
    this.#parts = parts;
    this.#walks = new ReferenceWalks(parts.definitions, parts.index);
  }

  /**
   * The current versions of what the matches refer to and of what refers to them; deleted resources are left out. A
   * reference to a version brings the current one, a canonical with a version only that version of its URL.
   *
   * @param limit most resources to bring @param restriction what else must hold for them
   */
  async included(
    matches: readonly PageResource[],
    includes: readonly Include[],
    limit = INCLUDES_MAX_RESOURCES,
    restriction?: Restriction,
  ): Promise<Included> {
    const run = new IncludeRun(this.#parts.index, matches, limit);
    let frontier = matches;
    let active = includes;
    for (let round = 0; frontier.length > 0 && active.length > 0 && !run.truncated; round++) {
      if (round === INCLUDE_ROUNDS_MAX) run.truncated = true;
      const before = run.resources.length;
      for (let from = 0; from < frontier.length && !run.truncated; from += STARTING_MAX) {
        const starting = frontier.slice(from, from + STARTING_MAX);
        await this.#lookUp(await this.#wantedBy(starting, active), run, restriction);
      }
      frontier = run.resources.slice(before);
      active = includes.filter((include) => include.iterate);
    }
    return { resources: run.resources, truncated: run.truncated };
  }

  async #wantedBy(resources: readonly PageResource[], includes: readonly Include[]): Promise<Wanted> {
    const wanted = new Wanted(this.#parts.index, this.#walks);
    const starting = resources.map(asStarting);
    let chars = 0;
    for (const [i, { type, parsed }] of starting.entries()) {
      const followed = includes.filter(
        ({ reverse, sourceType }) => !reverse && (sourceType === '*' || sourceType === type),
      );
      if (followed.length === 0) continue;
      for (const { parameter, targetType } of followed) {
        wanted.addTargets(this.#walks.of(type, parameter)(parsed()), targetType);
      }
      if ((chars += resources[i]!.content?.length ?? 0) < PARSED_CHARS_MAX) continue;
      chars = 0;
      await setImmediate();
    }
    for (const include of includes) if (include.reverse) await this.#addReferrers(wanted, include, starting);
    return wanted;
  }

  async #addReferrers(wanted: Wanted, include: Include, starting: readonly Starting[]): Promise<void> {
    const { sourceType, parameter, targetType } = include;
    const targets = targetType === undefined ? starting : starting.filter(({ type }) => type === targetType);
    if (targets.length === 0) return;
    const types = sourceType === '*' ? await this.#parts.types.existing() : [sourceType];
    for (const type of types) {
      if (parameter !== undefined) {
        wanted.addReferrers(type, parameter, targets);
        continue;
      }
      for (const one of this.#walks.parameters(type)) {
        // Asking every parameter for every resource would be mostly for what its definition does not allow.
        const anything = one.target === undefined || one.target.includes('Resource');
        const allowed = anything ? targets : targets.filter((target) => one.target!.includes(target.type));
        if (allowed.length > 0) wanted.addReferrers(type, one, allowed);
      }
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
  }

  async #fetch(
    lookups: (Lookup & { type: string })[],
    run: IncludeRun,
    restriction: Restriction | undefined,
    accepts: (type: string, content: string) => boolean,
  ): Promise<void> {
    if (lookups.length === 0 || run.truncated) return;
    const statement = lookupStatement(this.#parts.schema, lookups, run.room, restriction);
    const { rows } = await this.#parts.database.search(statement);
    for (const row of inOrder(rows as unknown as LookupRow[])) {
      const { type } = lookups[row.n]!;
      if (run.room.resources === 0) run.truncated = true;
      else if (accepts(type, row.content!)) run.add({ ...storedVersion(row), type });
    }
    if (rows.length < Number(rows[0]?.found ?? 0)) run.truncated = true;
  }

  async #withTables(types: readonly string[]): Promise<string[]> {
    if (!types.every((type) => this.#existing.has(type))) {
      this.#existing = new Set(await this.#parts.types.existing());
    }
    return types.filter((type) => this.#existing.has(type));
  }
}

/** By look-up, then by row id, which is safe as a number: it counts rows. */
function inOrder(rows: readonly LookupRow[]): LookupRow[] {
  const placed = rows.map((row) => ({ row, rid: Number(row.rid) }));
  return placed.sort((a, b) => a.row.n - b.row.n || a.rid - b.rid).map(({ row }) => row);
}

function asStarting(resource: PageResource): Starting {
  let parsed: unknown;
  return {
    type: resource.type,
    id: resource.id,
    parsed: () => (parsed ??= JSON.parse(resource.content ?? 'null')),
  };
}
