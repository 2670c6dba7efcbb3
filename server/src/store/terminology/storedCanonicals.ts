import type { Definitions } from '../../fhir/definitions/types.ts';
import { CanonicalSearch } from '../canonicals/canonicalSearch.ts';
import type { Database } from '../postgres/database.ts';
import { tableNames } from '../schema/names.ts';
import { orWhenNoTable } from '../schema/resourceTypes.ts';
import type { Searcher } from '../search/searcher.ts';
import type { TERMINOLOGY_TYPES } from './terminologyRevision.ts';

/** Code systems that are told of. */
const SYSTEMS_MAX = 10_000;

export type CanonicalType = (typeof TERMINOLOGY_TYPES)[number];

export interface StoredCanonical {
  id: string;
  content: string;
}

/** Code systems, value sets and concept maps that are stored as resources. */
export class StoredCanonicals {
  readonly #database: Database;
  readonly #schema: string;
  readonly #search: CanonicalSearch;

  constructor(database: Database, schema: string, searcher: Searcher, definitions: Definitions) {
    this.#database = database;
    this.#schema = schema;
    this.#search = new CanonicalSearch(definitions, searcher);
  }

  /** Every stored version of a canonical URL. */
  byUrl(type: CanonicalType, url: string): Promise<StoredCanonical[]> {
    return this.#search.byUrl(type, url);
  }

  /** URL and version of the code systems that are stored with codes. */
  async systems(): Promise<{ url: string; version: string | undefined }[]> {
    const { resource } = tableNames(this.#schema, 'CodeSystem');
    const text = `SELECT DISTINCT j->>'url' AS url, j->>'version' AS version
      FROM ${resource}, LATERAL (SELECT content::json AS j) c
      WHERE method <> 'D' AND j->>'url' IS NOT NULL AND j->>'content' NOT IN ('not-present', 'supplement') LIMIT ${SYSTEMS_MAX}`;
    const read = this.#database.search({ name: '', text, values: [] });
    const rows = await orWhenNoTable(
      read.then((result) => result.rows as { url: string; version: string | null }[]),
      [],
    );
    return rows.map(({ url, version }) => ({ url, version: version ?? undefined }));
  }

  /** Concept maps that have a code of a system on one side. */
  mapsOf(side: 'source' | 'target', system: string, code: string): Promise<StoredCanonical[]> {
    return this.#search.by('ConceptMap', [
      [`${side}-system`, system],
      [`${side}-code`, code],
    ]);
  }
}
