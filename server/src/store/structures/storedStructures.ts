import type { StructureDefinition } from '@medplum/fhirtypes';
import { laterFirst } from '../../fhir/canonical.ts';
import type { Definitions } from '../../fhir/definitions/types.ts';
import { compactStructure, type Structure } from '../../fhir/structures/structure.ts';
import { CanonicalSearch } from '../canonicals/canonicalSearch.ts';
import { changeMarkSql } from '../canonicals/changeMark.ts';
import type { Database } from '../postgres/database.ts';
import type { Log } from '../postgres/log.ts';
import { together } from '../reindex/together.ts';
import { tableNames } from '../schema/names.ts';
import { orWhenNoTable } from '../schema/resourceTypes.ts';
import type { Searcher } from '../search/searcher.ts';

/** How often a server asks for changes that others made: so soon it knows of them. */
const REFRESH_MS = 1_000;
/** Types that a compiled profile is made of, and the guides that they come with. */
const TYPES: ReadonlySet<string> = new Set([
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ImplementationGuide',
]);

export interface StoredStructureParts {
  database: Database;
  schema: string;
  searcher: Searcher;
  definitions: Definitions;
  log: Log;
}

/** StructureDefinitions that are stored as resources, and whether what is made of them is still true. */
export class StoredStructures {
  readonly #parts: StoredStructureParts;
  readonly #search: CanonicalSearch;
  #revision = 0;
  #seen: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #refresh = together(() => this.#look());

  constructor(parts: StoredStructureParts) {
    this.#parts = parts;
    this.#search = new CanonicalSearch(parts.definitions, parts.searcher);
  }

  /** Counts up when a definition, or a value set that decides about slices, may have changed. */
  revision(): number {
    return this.#revision;
  }

  /** Learns of what other servers write, until {@link stop}. */
  start(): void {
    this.#timer = setInterval(() => void this.#tryRefresh(), REFRESH_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** To be called after a write, with its type: what is validated afterwards is validated by what was written. */
  changed(type: string): void {
    if (TYPES.has(type)) this.#revision += 1;
  }

  /**
   * The definition with this URL and version; without a version the latest one.
   *
   * @throws StructureFault when it is larger than one may be
   */
  async find(url: string, version?: string): Promise<Structure | undefined> {
    const matches = await this.#search.byUrl('StructureDefinition', url);
    const found = matches.map(({ content }) => JSON.parse(content) as StructureDefinition);
    const fitting = found.filter((one) => version === undefined || one.version === version);
    const [latest] = fitting.sort((a, b) => laterFirst(a.version, b.version));
    return latest && compactStructure(latest);
  }

  /** The profiles of resource types, by type and URL; no more than `max` of them. */
  async profiles(max: number): Promise<{ type: string; url: string; version: string | null }[]> {
    const { database, schema } = this.#parts;
    const { resource } = tableNames(schema, 'StructureDefinition');
    const text = `SELECT c->>'type' AS type, c->>'url' AS url, c->>'version' AS version
      FROM (SELECT content::jsonb AS c FROM ${resource} WHERE content IS NOT NULL OFFSET 0) s
      WHERE c->>'derivation' = 'constraint' AND c->>'kind' = 'resource'
      ORDER BY 1, 2, 3 LIMIT $1`;
    const reading = database.read({ name: 'structures-profiles', text, values: [max] });
    return orWhenNoTable(
      reading.then(({ rows }) => rows as unknown as { type: string; url: string; version: string | null }[]),
      [],
    );
  }

  /** Implementation guides that are stored, by URL and version; no more than `max` of them. */
  async guides(max: number): Promise<{ url: string; version: string | null }[]> {
    const { database, schema } = this.#parts;
    const { resource } = tableNames(schema, 'ImplementationGuide');
    const text = `SELECT c->>'url' AS url, c->>'version' AS version
      FROM (SELECT content::jsonb AS c FROM ${resource} WHERE content IS NOT NULL OFFSET 0) s
      WHERE c->>'url' IS NOT NULL ORDER BY 1, 2 LIMIT $1`;
    const reading = database.read({ name: 'structures-guides', text, values: [max] });
    return orWhenNoTable(
      reading.then(({ rows }) => rows as unknown as { url: string; version: string | null }[]),
      [],
    );
  }

  async #tryRefresh(): Promise<void> {
    const { database, log } = this.#parts;
    if (!database.ready()) return;
    try {
      await this.#refresh();
    } catch (error) {
      if (database.ready()) log('error', `changed profiles are not known: ${(error as Error).message}`);
    }
  }

  async #look(): Promise<void> {
    const { database, schema } = this.#parts;
    const text = `SELECT ${changeMarkSql(schema)} AS seen`;
    const { rows } = await database.read({ name: 'structures-revision', text, values: [[...TYPES]] });
    const seen = String(rows[0]!.seen);
    // Also at the first look: what was compiled before it may be of a time before a change that it sees.
    if (seen !== this.#seen) this.#revision += 1;
    this.#seen = seen;
  }
}
