import type { Definitions } from '../../../fhir/definitions/types.ts';
import { historyHorizon } from '../../history/horizon.ts';
import type { IndexQuery } from '../../index/query.ts';
import { PAGE_BYTES_MAX } from '../../pageBytes.ts';
import type { Database } from '../../postgres/database.ts';
import { int8Array } from '../../resource/binaryArray.ts';
import { storedVersion } from '../../resource/reader.ts';
import type { StoredVersion } from '../../resource/types.ts';
import { tableNames } from '../../schema/names.ts';
import type { Includer, PageResource } from '../include/includer.ts';
import type { Restriction } from '../include/lookup.ts';
import { inPageOrder, type PlacedRow } from '../include/placedPage.ts';
import { orTooCostly } from '../tooCostly.ts';
import { careSql, CompartmentRows, type CarePeriod, type Owners } from './compartmentRows.ts';
import { patientGroup, type PatientGroup } from './patientGroups.ts';
import { scanBranches, scanStatement, type Scan, type ScanPosition } from './scanStatement.ts';

export type { CarePeriod, Owners } from './compartmentRows.ts';
export type { ScanPosition } from './scanStatement.ts';

/** Resources of the compartments that one page looks at, where it returns only some of them. */
export const SCANNED_MAX = 1_000;

/** Statements that a connection keeps prepared; some 1 MB each. */
const PREPARED_MAX = 16;

export interface EverythingQuery {
  owners: Owners;
  /** Resource types to return; absent: all. */
  types?: ReadonlySet<string>;
  /** Only what was written then or later; what it supports may be older. */
  since?: Date;
  care: CarePeriod;
  /** Most matches of a page. */
  count: number;
}

export interface EverythingPage {
  matches: PageResource[];
  /** What the matches refer to that is in no compartment of the owners and of no other patient. */
  referenced: PageResource[];
  /** There would be more of them. */
  truncated: boolean;
  /** Absent on the last page. A page may be empty and have a next one. */
  next?: ScanPosition;
}

export interface EverythingParts {
  database: Database;
  schema: string;
  definitions: Definitions;
  index: IndexQuery;
  /** Resource types that have tables. */
  types: { existing(): Promise<string[]> };
  includer: Includer;
}

/** Reads all that belongs to patients or encounters, page by page. */
export class EverythingReader {
  readonly #parts: EverythingParts;
  /** Of the statements that are kept prepared, by their texts. */
  readonly #names = new Map<string, string>();

  constructor(parts: EverythingParts) {
    this.#parts = parts;
  }

  /** Some patients, for pages of all patients' records: those within bounds, or the next ones after a row id. */
  patients(bounds: { from: string; to?: string }): Promise<PatientGroup> {
    return patientGroup(this.#parts.database, this.#parts.schema, bounds);
  }

  /** A time before which nothing more will have been written: to be read before the first page. */
  settledUntil(): Promise<Date> {
    return historyHorizon(this.#parts.database, this.#parts.schema);
  }

  /** @param after position from the page before */
  async page(query: EverythingQuery, after?: ScanPosition): Promise<EverythingPage> {
    if (query.owners.ids.length === 0) return { matches: [], referenced: [], truncated: false };
    const { definitions, index, schema } = this.#parts;
    const rows = new CompartmentRows(definitions, index, query.owners);
    const existing = new Set(await this.#parts.types.existing());
    const { types, withOwners, isFiltered } = scanned(query, rows.types());
    const scan: Scan = {
      schema,
      owners: query.owners,
      rows,
      types: types.filter((type) => existing.has(type)),
      withOwners: withOwners && existing.has(query.owners.type),
      care: query.care,
      ...(after && { after }),
    };
    const found = await this.#scan(scan, isFiltered ? SCANNED_MAX : query.count);
    const page = cut(query, found.rows);
    const { resources, truncated } = await this.#parts.includer.referenced(
      page.scanned.map(({ resource }) => resource),
      this.#restriction(query, rows),
    );
    const hasMore = found.hasMore || page.scanned.length < found.rows.length;
    const last = page.scanned.at(-1);
    return {
      matches: page.matches,
      referenced: resources,
      truncated,
      ...(hasMore && last && { next: last.position }),
    };
  }

  async #scan(scan: Scan, resources: number): Promise<{ rows: ScannedRow[]; hasMore: boolean }> {
    const branches = scanBranches(scan);
    if (branches.length === 0) return { rows: [], hasMore: false };
    const statement = scanStatement(scan, branches, { resources, bytes: PAGE_BYTES_MAX });
    const name = scan.after === undefined ? this.#nameOf(statement.text) : '';
    const { rows: found } = await orTooCostly(this.#parts.database.searchFixed({ ...statement, name }));
    const placed = inPageOrder(found as unknown as PlacedRow[]);
    const rows = placed.map((row) => {
      const { position, type } = branches[row.n]!;
      return { resource: { ...storedVersion(row), type }, position: { type: position, rid: row.rid } };
    });
    return { rows, hasMore: placed.length < Number(placed[0]?.found ?? 0) };
  }

  /**
   * Planning a statement over all types takes ten times as long as running it, so the usual ones are kept prepared:
   * those of first pages, which are as many as there are sets of types with tables.
   */
  #nameOf(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined && this.#names.size < PREPARED_MAX) {
      this.#names.set(text, (name = `everything-${this.#names.size}`));
    }
    return name ?? '';
  }

  /** Nothing of other patients, nothing that is a match of this or another page, and what the query says. */
  #restriction({ owners, types, since, care }: EverythingQuery, rows: CompartmentRows): Restriction {
    return (type, parameters) => {
      if (types && !types.has(type)) return 'false';
      const selves = `${parameters.add(int8Array(rows.selves))}::bigint[]`;
      const conditions = [`m.pat IS NULL OR m.pat = ANY (${this.#ownPatients(owners.type, selves)})`];
      if (type === owners.type) conditions.push(`m.self <> ALL (${selves})`);
      const inCompartment = rows.conditions(type, parameters);
      if (inCompartment.length > 0) {
        const isMatch = [`(${inCompartment.join(' OR ')})`, careSql(type, care, parameters) ?? 'true'];
        conditions.push(`(${isMatch.join(' AND ')}) IS NOT TRUE`);
      }
      if (since) conditions.push(`m.last_updated >= ${parameters.add(since)}::timestamptz`);
      return conditions.map((condition) => `(${condition})`).join(' AND ');
    };
  }

  /** Array of the patients whose data may come along. */
  #ownPatients(ownerType: string, selves: string): string {
    if (ownerType === 'Patient') return selves;
    const table = tableNames(this.#parts.schema, ownerType).resource;
    return `ARRAY (SELECT o.pat FROM ${table} o WHERE o.self = ANY (${selves}))`;
  }
}

interface ScannedRow {
  resource: StoredVersion & { type: string };
  position: ScanPosition;
}

/**
 * What of the compartment must be read. What is asked for may be something that is only referred to (a Practitioner), or
 * that has changed while what refers to it has not: then more is read than is returned.
 */
function scanned(
  { owners, types, since }: EverythingQuery,
  all: string[],
): { types: string[]; withOwners: boolean; isFiltered: boolean } {
  const isWithin = types !== undefined && [...types].every((type) => all.includes(type));
  if (!isWithin || since) {
    return { types: all, withOwners: true, isFiltered: types !== undefined || since !== undefined };
  }
  return {
    types: all.filter((type) => types.has(type)),
    withOwners: types.has(owners.type),
    isFiltered: false,
  };
}

/** The rows up to the last that fits into the page, and those of them that the query asks for. */
function cut({ types, since, count }: EverythingQuery, rows: ScannedRow[]) {
  const matches: PageResource[] = [];
  for (const [i, { resource }] of rows.entries()) {
    if (types && !types.has(resource.type)) continue;
    if (since && resource.lastUpdated < since) continue;
    matches.push(resource);
    if (matches.length === count) return { matches, scanned: rows.slice(0, i + 1) };
  }
  return { matches, scanned: rows };
}
