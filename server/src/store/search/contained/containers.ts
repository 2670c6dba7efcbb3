import type { Key } from '../../index/rows.ts';
import { PAGE_BYTES_MAX, pageSql } from '../../pageBytes.ts';
import type { Database } from '../../postgres/database.ts';
import { int8Array } from '../../resource/binaryArray.ts';
import { tableNames } from '../../schema/names.ts';
import type { FoundResource, PagePosition } from '../found.ts';
import { orTooCostly } from '../tooCostly.ts';

/** Row ids that one statement lists: finding them costs as much as finding all of them, so they are many. */
export const ROWS_LISTED_MAX = 50_000;
/** Containers whose content one statement brings, beside PAGE_BYTES_MAX. */
export const CONTAINERS_AT_ONCE = 200;

/** Ends the sentence of an error. */
export const WHAT_TO_CHANGE =
  'what is contained has no index of its own, and is read container by container. Ask for a smaller _count, leave _total out, or search for the containers by their own parameters.';

/** A resource that contains others. */
export type Container = FoundResource & { rid: string; content: string };

/** Of containers, those that somebody may see, as he or she may see them. */
export type VisibleContainers = (containers: readonly Container[]) => Promise<readonly Container[]>;

interface Row {
  rid: string;
  id: string;
  content: string | null;
  fits: boolean;
}

/** The resources that contain one of certain types, by type and age, or backwards. */
export class ContainerReader {
  readonly #database: Database;
  readonly #schema: string;
  readonly #types: readonly string[];
  readonly #keys: Buffer;
  readonly #visible: VisibleContainers | undefined;
  readonly #listedMax: number;

  /** @param types of containers, those with tables @param keys of what they contain: any of them @param visible absent: all are */
  constructor(
    database: Database,
    schema: string,
    types: readonly string[],
    keys: readonly Key[],
    listedMax = ROWS_LISTED_MAX,
    visible?: VisibleContainers,
  ) {
    this.#database = database;
    this.#schema = schema;
    this.#types = [...types].sort();
    this.#keys = int8Array(keys);
    this.#visible = visible;
    this.#listedMax = listedMax;
  }

  /** @param from its container comes first, if it is still there */
  async *read(from: PagePosition | undefined): AsyncGenerator<Container> {
    const backwards = from?.backwards ?? false;
    const types = backwards ? this.#types.toReversed() : this.#types;
    for (const type of types) {
      if (from && type !== from.type && type > from.type! === backwards) continue;
      yield* this.#readType(type, type === from?.type ? from.rid : undefined, backwards);
    }
  }

  async *#readType(type: string, from: string | undefined, backwards: boolean): AsyncGenerator<Container> {
    for (let first = from; ;) {
      const rids = await this.#list(type, first, backwards);
      yield* this.#contents(type, rids, backwards);
      if (rids.length < this.#listedMax) return;
      first = String(BigInt(rids.at(-1)!) + (backwards ? -1n : 1n));
    }
  }

  async #list(type: string, first: string | undefined, backwards: boolean): Promise<string[]> {
    const after = first === undefined ? '' : `AND m.rid ${backwards ? '<=' : '>='} $2::bigint`;
    // OFFSET 0: walking along row ids in the hope of meeting containers soon is no plan where they are few.
    const all = `SELECT m.rid FROM ${tableNames(this.#schema, type).resource} m WHERE m.keys && $1::bigint[] ${after} OFFSET 0`;
    const text = `SELECT c.rid FROM (${all}) c ORDER BY c.rid ${backwards ? 'DESC' : ''} LIMIT ${this.#listedMax}`;
    const values = first === undefined ? [this.#keys] : [this.#keys, first];
    const { rows } = await this.#run(text, values);
    return rows.map(({ rid }) => rid as string);
  }

  async *#contents(type: string, rids: readonly string[], backwards: boolean): AsyncGenerator<Container> {
    const containers = `SELECT m.rid, m.id, m.content FROM ${tableNames(this.#schema, type).resource} m WHERE m.rid = ANY ($1::bigint[]) AND m.keys && $2::bigint[]`;
    const columns = 'rid, id';
    const text = pageSql(containers, columns, backwards ? 'rid DESC' : 'rid', '$3');
    for (let at = 0; at < rids.length;) {
      const asked = rids.slice(at, at + CONTAINERS_AT_ONCE);
      const result = await this.#run(text, [int8Array(asked.map(BigInt)), this.#keys, PAGE_BYTES_MAX]);
      const rows = result.rows as unknown as Row[];
      const fitting = rows.filter(({ fits }) => fits);
      const found = fitting.map(({ id, rid, content }) => ({ type, id, rid, content: content! }));
      yield* this.#visible ? await this.#visible(found) : found;
      at = fitting.length === rows.length ? at + asked.length : rids.indexOf(fitting.at(-1)!.rid) + 1;
    }
  }

  #run(text: string, values: unknown[]) {
    return orTooCostly(this.#database.search({ name: '', text, values }), WHAT_TO_CHANGE);
  }
}
