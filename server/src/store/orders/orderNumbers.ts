import { createHash } from 'node:crypto';
import type { QueryResult, Statement } from '../postgres/database.ts';
import { textArray } from '../resource/binaryArray.ts';

/** Accession number (0008,0050) or Study Instance UID (0020,000D). */
export type NumberKind = 'accession' | 'study';

/** A number of an imaging order, as its identifier has it. */
export interface OrderNumber {
  /** Id of the ServiceRequest. */
  order: string;
  kind: NumberKind;
  /** Empty where the identifier has none. */
  system: string;
  value: string;
}

/** What an accession number is made of. */
export interface SerialNumber {
  /** Three characters that begin all accession numbers of the store. */
  site: string;
  serial: bigint;
}

type Run = (statement: Statement) => Promise<QueryResult>;

/**
 * The numbers that imaging orders of a store have, or had: none is ever given twice. An order has one of each kind at the most.
 */
export class OrderNumbers {
  readonly #table: string;
  readonly #schema: string;
  readonly #run: Run;

  /** @param run runs a statement in an open transaction: what is taken is taken with it */
  constructor(schema: string, run: Run) {
    this.#schema = schema;
    this.#table = `"${schema}".order_number`;
    this.#run = run;
  }

  /** The numbers of orders, of deleted ones, too. */
  async of(orders: readonly string[]): Promise<OrderNumber[]> {
    if (orders.length === 0) return [];
    const text = `SELECT order_id AS "order", kind, system, value FROM ${this.#table} WHERE order_id = ANY ($1::text[])`;
    const { rows } = await this.#run({ name: 'order-numbers', text, values: [textArray(orders)] });
    return rows as OrderNumber[];
  }

  /** Serial numbers that nobody else gets, also when the transaction is rolled back; in ascending order. */
  async next(count: number): Promise<SerialNumber[]> {
    const text = `SELECT s.value AS site, nextval('"${this.#schema}".accession_number') AS serial
      FROM "${this.#schema}".setting s, generate_series(1, $1::integer) WHERE s.name = 'accession-site'`;
    const { rows } = await this.#run({ name: 'accession-serials', text, values: [count] });
    return (rows as { site: string; serial: string }[]).map(({ site, serial }) => ({
      site,
      serial: BigInt(serial),
    }));
  }

  /**
   * Takes numbers for orders. Waits for other transactions that are taking the same.
   *
   * @returns those that could not be taken: another order has the number, or the order has one of the kind
   */
  async take(numbers: readonly OrderNumber[]): Promise<OrderNumber[]> {
    // In the order of their hashes: two that take the same numbers then wait for each other, and never in a ring.
    const rows = numbers
      .map((number) => ({ number, hash: hashOf(number) }))
      .sort((a, b) => Buffer.compare(a.hash, b.hash));
    const column = (name: keyof OrderNumber) => textArray(rows.map(({ number }) => number[name]));
    const { rows: taken } = await this.#run({
      name: 'take-order-numbers',
      text: `INSERT INTO ${this.#table} (hash, order_id, kind, system, value)
        SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[])
        ON CONFLICT DO NOTHING RETURNING order_id, kind`,
      values: [
        rows.map(({ hash }) => hash),
        column('order'),
        column('kind'),
        column('system'),
        column('value'),
      ],
    });
    const done = new Set(taken.map(({ order_id: order, kind }) => `${kind} ${order}`));
    return numbers.filter(({ order, kind }) => !done.has(`${kind} ${order}`));
  }

  /** Keeps of the numbers of orders that are erased only that they are taken. */
  async forget(orders: readonly string[]): Promise<void> {
    const text = `UPDATE ${this.#table} SET order_id = NULL, kind = NULL, system = NULL, value = NULL WHERE order_id = ANY ($1::text[])`;
    await this.#run({ name: 'forget-order-numbers', text, values: [textArray(orders)] });
  }
}

const hashOf = ({ system, value }: OrderNumber): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([system, value]))
    .digest();
