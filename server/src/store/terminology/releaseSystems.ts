import type { Database, Statement } from '../postgres/database.ts';
import { orRegexFault } from './regexMatches.ts';
import { conceptQuery, type ConceptQuery } from './conceptQuery.ts';

/** A code system whose concepts are in tables, ready for use. */
export interface ReleaseSystem {
  key: number;
  /** As the loader wrote it: JSON of the code system without its concepts. */
  header: ReleaseHeader;
}

export interface ReleaseHeader {
  url: string;
  version?: string;
  name: string;
  title?: string;
  language?: string;
  caseSensitive: boolean;
  isHierarchical: boolean;
  properties: { code: string; uri?: string; type?: string; description?: string }[];
  count: number;
}

export interface ConceptRow {
  place: number;
  code: string;
  display: string | null;
  inactive: boolean;
  /** JSON: definition, designations, properties. */
  detail: string | null;
}

const once = (text: string, values: unknown[]): Statement => ({ name: '', text, values });

/** The tables of concepts. */
export class ReleaseSystems {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** Every one that is ready. */
  async all(): Promise<ReleaseSystem[]> {
    const text = `SELECT key, header FROM "${this.#schema}".code_system WHERE state = 'ready' ORDER BY key`;
    const { rows } = await this.#database.read({ name: 'code-systems', text, values: [] });
    return (rows as { key: number; header: string }[]).map(({ key, header }) => ({
      key,
      header: JSON.parse(header) as ReleaseHeader,
    }));
  }

  async find(system: number, code: string): Promise<ConceptRow | undefined> {
    const { rows } = await this.#database.read({
      name: 'concept',
      text: `SELECT place, code, display, inactive, detail FROM "${this.#schema}".concept WHERE system = $1 AND code = $2`,
      values: [system, code],
    });
    return rows[0] as ConceptRow | undefined;
  }

  /** The places of concepts, by their codes. */
  async places(system: number, codes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#database.read({
      name: 'concept-places',
      text: `SELECT code, place FROM "${this.#schema}".concept WHERE system = $1 AND code = ANY ($2::text[])`,
      values: [system, codes],
    });
    return new Map((rows as { code: string; place: number }[]).map(({ code, place }) => [code, place]));
  }

  /** Whether any concept has a property. */
  async hasProperty(system: number, property: string): Promise<boolean> {
    const { rows } = await this.#database.read({
      name: 'concept-has-property',
      text: `SELECT 1 FROM "${this.#schema}".concept_property WHERE system = $1 AND property = $2 LIMIT 1`,
      values: [system, property],
    });
    return rows.length > 0;
  }

  /** Codes one step above and below. */
  async neighbours(system: number, place: number): Promise<{ parents: string[]; children: string[] }> {
    const { rows } = await this.#database.read({
      name: 'concept-neighbours',
      text: `SELECT
          ARRAY(SELECT c.code FROM "${this.#schema}".concept_parent p JOIN "${this.#schema}".concept c
            ON c.system = p.system AND c.place = p.parent WHERE p.system = $1 AND p.child = $2 ORDER BY c.place) AS parents,
          ARRAY(SELECT c.code FROM "${this.#schema}".concept_parent p JOIN "${this.#schema}".concept c
            ON c.system = p.system AND c.place = p.child WHERE p.system = $1 AND p.parent = $2 ORDER BY c.place LIMIT ${NEIGHBOURS_MAX}) AS children`,
      values: [system, place],
    });
    return rows[0] as { parents: string[]; children: string[] };
  }

  async subsumes(system: number, ancestor: number, descendant: number): Promise<boolean> {
    const { rows } = await this.#database.read({
      name: 'concept-subsumes',
      text: `SELECT 1 FROM "${this.#schema}".concept_ancestor WHERE system = $1 AND ancestor = $2 AND descendant = $3`,
      values: [system, ancestor, descendant],
    });
    return rows.length > 0;
  }

  async select(query: ConceptQuery, offset: number, limit: number): Promise<ConceptRow[]> {
    const { where, values } = conceptQuery(this.#schema, query);
    const text = `SELECT c.place, c.code, c.display, c.inactive, c.detail FROM "${this.#schema}".concept c
      WHERE ${where} ORDER BY c.place OFFSET ${Math.trunc(offset)} LIMIT ${Math.trunc(limit)}`;
    const { rows } = await orRegexFault(this.#database.search(once(text, values)));
    return rows as unknown as ConceptRow[];
  }

  async count(query: ConceptQuery): Promise<number> {
    const { where, values } = conceptQuery(this.#schema, query);
    const text = `SELECT count(*)::integer AS number FROM "${this.#schema}".concept c WHERE ${where}`;
    const { rows } = await orRegexFault(this.#database.search(once(text, values)));
    return (rows[0] as { number: number }).number;
  }
}

/** Children of a concept that are shown. */
const NEIGHBOURS_MAX = 1_000;
