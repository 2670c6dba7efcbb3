import type { Database, Transaction } from '../postgres/database.ts';
import type { ReleaseHeader } from './releaseSystems.ts';

/** What a line of a release says. Codes that no concept has are passed over. */
export type ReleaseRow =
  | { kind: 'concept'; code: string; inactive: boolean }
  /** `use`: JSON of a Coding. The term with the greatest rank is the concept's display; one of rank 0 only where there is no other. */
  | { kind: 'term'; code: string; id: string; language?: string; use?: string; value: string; rank: number }
  /** A term that was met before has at least this rank, unless it has rank 0. */
  | { kind: 'rank'; id: string; rank: number }
  | { kind: 'property'; code: string; property: string; value: string }
  | { kind: 'parent'; code: string; parent: string };

type RowOf<K extends ReleaseRow['kind']> = Extract<ReleaseRow, { kind: K }>;

/** Where a load stands; a loader that is begun again goes on from here. */
export interface ReleaseProgress {
  /** Name of the step under way. */
  step: string;
  /** Bytes of its file, or places of concepts, that are done. */
  done: number;
  /** The next concept's place. */
  place: number;
}

/** A concept whose texts are put together. */
export interface AssembledConcept {
  place: number;
  display: string | null;
  /** Folded, for text filters. */
  words: string[];
  detail: string | null;
}

/** What is known of a concept when everything was read. */
export interface LooseConcept {
  place: number;
  code: string;
  inactive: boolean;
  terms: { language?: string; use?: string; value: string; rank: number }[];
  properties: { property: string; value: string }[];
}

const once = (text: string, values: unknown[]) => ({ name: '', text, values });

/** Writes one release into the tables of concepts, each batch together with how far it has come. */
export class ReleaseWriter {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = `"${schema}"`;
  }

  /** Begins a release, or goes on with it. @returns its key and progress; `ready` when it is loaded already */
  async begin(
    url: string,
    version: string,
    first: ReleaseProgress,
  ): Promise<{ key: number; progress: ReleaseProgress } | 'ready'> {
    return this.#database.transaction(async (tx) => {
      await tx.query(
        once(
          `INSERT INTO ${this.#schema}.code_system (url, version, header, progress) VALUES ($1, $2, '{}', $3) ON CONFLICT DO NOTHING`,
          [url, version, JSON.stringify(first)],
        ),
      );
      const { rows } = await tx.query(
        once(`SELECT key, state, progress FROM ${this.#schema}.code_system WHERE url = $1 AND version = $2`, [
          url,
          version,
        ]),
      );
      const row = rows[0] as { key: number; state: string; progress: string };
      if (row.state === 'ready') return 'ready';
      return { key: row.key, progress: JSON.parse(row.progress) as ReleaseProgress };
    });
  }

  /** Takes a release out, or what was loaded of it. */
  async remove(url: string, version: string): Promise<boolean> {
    const text = `DELETE FROM ${this.#schema}.code_system WHERE url = $1 AND version = $2 RETURNING key`;
    return this.#database.transaction(async (tx) => {
      const { rows } = await tx.query(once(text, [url, version]));
      return rows.length > 0;
    });
  }

  /** A batch of rows, in their order of kinds: concepts come before what is said of them. */
  async write(
    system: number,
    rows: readonly ReleaseRow[],
    progress: ReleaseProgress,
  ): Promise<ReleaseProgress> {
    const of = <K extends ReleaseRow['kind']>(kind: K) =>
      rows.filter((row): row is RowOf<K> => row.kind === kind);
    const concepts = of('concept');
    const after = { ...progress, place: progress.place + concepts.length };
    await this.#database.transaction(async (tx) => {
      await this.#concepts(tx, system, concepts, progress.place);
      await this.#terms(tx, system, of('term'));
      await this.#ranks(tx, system, of('rank'));
      await this.#properties(tx, system, of('property'));
      await this.#parents(tx, system, of('parent'));
      await this.#save(tx, system, after);
    });
    return after;
  }

  /** The concepts of a stretch of places with all that was read of them. */
  async loose(system: number, from: number, to: number): Promise<LooseConcept[]> {
    const { rows } = await this.#database.search(
      once(
        `SELECT c.place, c.code, c.inactive,
           coalesce((SELECT json_agg(json_build_object('language', t.language, 'use', t.use, 'value', t.value, 'rank', t.rank) ORDER BY t.rank DESC, t.id)
             FROM ${this.#schema}.concept_term t WHERE t.system = $1 AND t.place = c.place), '[]') AS terms,
           coalesce((SELECT json_agg(json_build_object('property', p.property, 'value', p.value) ORDER BY p.property, p.value)
             FROM ${this.#schema}.concept_property p WHERE p.system = $1 AND p.place = c.place), '[]') AS properties
         FROM ${this.#schema}.concept c WHERE c.system = $1 AND c.place >= $2 AND c.place < $3`,
        [system, from, to],
      ),
    );
    return rows.map((row) => {
      const { terms, properties, ...rest } = row as Record<string, unknown>;
      return { ...rest, terms: asJson(terms), properties: asJson(properties) } as unknown as LooseConcept;
    });
  }

  async assemble(
    system: number,
    concepts: readonly AssembledConcept[],
    progress: ReleaseProgress,
  ): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await tx.query(
        once(
          `UPDATE ${this.#schema}.concept c SET display = t.display, detail = t.detail,
             words = array_to_tsvector(string_to_array(nullif(t.words, ''), ' '))
           FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[]) AS t(place, display, words, detail)
           WHERE c.system = $1 AND c.place = t.place`,
          [
            system,
            concepts.map(({ place }) => place),
            concepts.map(({ display }) => display),
            concepts.map(({ words }) => words.join(' ')),
            concepts.map(({ detail }) => detail),
          ],
        ),
      );
      await this.#save(tx, system, progress);
    });
  }

  /** What stands above the concepts of a stretch of places, at any distance, and they themselves. A circle ends where it began. */
  async ancestors(system: number, from: number, to: number, progress: ReleaseProgress): Promise<void> {
    const parents = `${this.#schema}.concept_parent`;
    await this.#database.transaction(async (tx) => {
      await tx.query(
        once(
          `WITH RECURSIVE up (descendant, ancestor) AS (
             SELECT child, parent FROM ${parents} WHERE system = $1 AND child >= $2 AND child < $3
             UNION
             SELECT up.descendant, p.parent FROM up JOIN ${parents} p ON p.system = $1 AND p.child = up.ancestor)
           INSERT INTO ${this.#schema}.concept_ancestor (system, ancestor, descendant)
           SELECT $1, ancestor, descendant FROM up
           UNION SELECT $1, place, place FROM ${this.#schema}.concept WHERE system = $1 AND place >= $2 AND place < $3
           ON CONFLICT DO NOTHING`,
          [system, from, to],
        ),
      );
      await this.#save(tx, system, progress);
    });
  }

  /** From now on the release is used. @returns how many concepts it has */
  async finish(system: number, header: Omit<ReleaseHeader, 'count'>): Promise<number> {
    return this.#database.transaction(async (tx) => {
      const { rows } = await tx.query(
        once(`SELECT count(*)::integer AS count FROM ${this.#schema}.concept WHERE system = $1`, [system]),
      );
      const { count } = rows[0] as { count: number };
      await tx.query(once(`DELETE FROM ${this.#schema}.concept_term WHERE system = $1`, [system]));
      await tx.query(
        once(
          `UPDATE ${this.#schema}.code_system SET state = 'ready', progress = NULL, header = $2 WHERE key = $1`,
          [system, JSON.stringify({ ...header, count })],
        ),
      );
      for (const table of ['concept', 'concept_parent', 'concept_ancestor', 'concept_property'])
        await tx.query(once(`ANALYZE ${this.#schema}.${table}`, []));
      return count;
    });
  }

  async #save(tx: Transaction, system: number, progress: ReleaseProgress): Promise<void> {
    const text = `UPDATE ${this.#schema}.code_system SET progress = $2 WHERE key = $1`;
    await tx.query(once(text, [system, JSON.stringify(progress)]));
  }

  async #concepts(tx: Transaction, system: number, rows: readonly RowOf<'concept'>[], place: number) {
    if (rows.length === 0) return;
    const text = `INSERT INTO ${this.#schema}.concept (system, place, code, inactive)
      SELECT $1, t.place + $2, t.code, t.inactive
      FROM unnest($3::text[], $4::boolean[]) WITH ORDINALITY AS t(code, inactive, place) ON CONFLICT DO NOTHING`;
    const lists = [rows.map(({ code }) => code), rows.map(({ inactive }) => inactive)];
    await tx.query(once(text, [system, place, ...lists]));
  }

  async #terms(tx: Transaction, system: number, rows: readonly RowOf<'term'>[]) {
    if (rows.length === 0) return;
    const text = `INSERT INTO ${this.#schema}.concept_term (system, id, place, language, use, value, rank)
      SELECT $1, t.id, c.place, t.language, t.use, t.value, t.rank
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[]) AS t(code, id, language, use, value, rank)
      JOIN ${this.#schema}.concept c ON c.system = $1 AND c.code = t.code ON CONFLICT DO NOTHING`;
    const list = (name: 'code' | 'id' | 'language' | 'use' | 'value' | 'rank') =>
      rows.map((row) => row[name] ?? null);
    const values = [list('code'), list('id'), list('language'), list('use'), list('value'), list('rank')];
    await tx.query(once(text, [system, ...values]));
  }

  async #ranks(tx: Transaction, system: number, rows: readonly RowOf<'rank'>[]) {
    if (rows.length === 0) return;
    const text = `UPDATE ${this.#schema}.concept_term d SET rank = greatest(d.rank, t.rank)
      FROM (SELECT id, max(rank) AS rank FROM unnest($2::text[], $3::integer[]) AS u(id, rank) GROUP BY id) t
      WHERE d.system = $1 AND d.id = t.id AND d.rank > 0`;
    await tx.query(once(text, [system, rows.map(({ id }) => id), rows.map(({ rank }) => rank)]));
  }

  async #properties(tx: Transaction, system: number, rows: readonly RowOf<'property'>[]) {
    if (rows.length === 0) return;
    const text = `INSERT INTO ${this.#schema}.concept_property (system, place, property, value)
      SELECT $1, c.place, t.property, t.value FROM unnest($2::text[], $3::text[], $4::text[]) AS t(code, property, value)
      JOIN ${this.#schema}.concept c ON c.system = $1 AND c.code = t.code ON CONFLICT DO NOTHING`;
    const list = (name: 'code' | 'property' | 'value') => rows.map((row) => row[name]);
    await tx.query(once(text, [system, list('code'), list('property'), list('value')]));
  }

  async #parents(tx: Transaction, system: number, rows: readonly RowOf<'parent'>[]) {
    if (rows.length === 0) return;
    const text = `INSERT INTO ${this.#schema}.concept_parent (system, child, parent)
      SELECT $1, c.place, p.place FROM unnest($2::text[], $3::text[]) AS t(code, parent)
      JOIN ${this.#schema}.concept c ON c.system = $1 AND c.code = t.code
      JOIN ${this.#schema}.concept p ON p.system = $1 AND p.code = t.parent AND p.place <> c.place ON CONFLICT DO NOTHING`;
    await tx.query(once(text, [system, rows.map(({ code }) => code), rows.map(({ parent }) => parent)]));
  }
}

const asJson = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);
