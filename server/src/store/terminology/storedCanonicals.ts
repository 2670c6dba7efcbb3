import type { Definitions } from '../../fhir/definitions/types.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import type { Database } from '../postgres/database.ts';
import { tableNames } from '../schema/names.ts';
import { orWhenNoTable } from '../schema/resourceTypes.ts';
import type { Searcher } from '../search/searcher.ts';

/** Versions of one canonical that are looked at. */
const VERSIONS_MAX = 100;
/** Code systems that are told of. */
const SYSTEMS_MAX = 10_000;
/** Types whose change may change what codes mean. */
const TYPES = ['CodeSystem', 'ConceptMap', 'ValueSet'] as const;
/** Whoever wrote with an earlier time than others has committed by then. */
const SETTLED_AFTER = '5 minutes';

export type CanonicalType = (typeof TYPES)[number];

export interface StoredCanonical {
  id: string;
  content: string;
}

/** Code systems, value sets and concept maps that are stored as resources. */
export class StoredCanonicals {
  readonly #database: Database;
  readonly #schema: string;
  readonly #searcher: Searcher;
  readonly #definitions: Definitions;

  constructor(database: Database, schema: string, searcher: Searcher, definitions: Definitions) {
    this.#database = database;
    this.#schema = schema;
    this.#searcher = searcher;
    this.#definitions = definitions;
  }

  /**
   * A text that is another after each write of such a resource by any server, and after each release that was loaded. Times of commits do not follow the order of rows,
   * so those of the last minutes are counted.
   */
  async revision(): Promise<string> {
    const { rows } = await this.#database.read({
      name: 'terminology-revision',
      text: `SELECT string_agg(concat_ws(' ', t.type, l.seq, c.number), ' ' ORDER BY t.type)
          || coalesce((SELECT string_agg(' ' || key, '' ORDER BY key) FROM "${this.#schema}".code_system WHERE state = 'ready'), '') AS revision
        FROM unnest($1::text[]) AS t(type)
        LEFT JOIN LATERAL (SELECT seq FROM "${this.#schema}".changes WHERE type = t.type
          ORDER BY last_updated DESC, seq DESC LIMIT 1) l ON true
        LEFT JOIN LATERAL (SELECT count(*) AS number FROM "${this.#schema}".changes
          WHERE type = t.type AND last_updated > clock_timestamp() - interval '${SETTLED_AFTER}') c ON true`,
      values: [[...TYPES]],
    });
    return String(rows[0]!.revision);
  }

  /** Every stored version of a canonical URL. */
  async byUrl(type: CanonicalType, url: string): Promise<StoredCanonical[]> {
    // No resource has such a URL; implicit value sets of SNOMED CT may.
    if (url === '' || /\s/.test(url)) return [];
    return this.#find(type, [['url', escaped(url)]]);
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
    return this.#find('ConceptMap', [
      [`${side}-system`, escaped(system)],
      [`${side}-code`, escaped(code)],
    ]);
  }

  async #find(type: CanonicalType, pairs: readonly [string, string][]): Promise<StoredCanonical[]> {
    const { query } = parseSearch(
      this.#definitions,
      this.#searcher,
      { level: 'type', types: [type] },
      [...pairs, ['_count', String(VERSIONS_MAX)], ['_total', 'none']],
      'strict',
    );
    const { matches } = await this.#searcher.search(query);
    return matches.map(({ id, content }) => ({ id, content }));
  }
}

/** As a value in a query (http://hl7.org/fhir/R4/search.html#escaping). */
const escaped = (value: string): string => value.replace(/[\\,$|]/g, '\\$&');
