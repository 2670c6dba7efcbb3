import type { Database, Transaction } from '../postgres/database.ts';

/** Checkpoints in one page. */
const PAGE_ROWS = 100;

/** A sealed range of the log: the places behind those of the checkpoint before, up to `last`. */
export interface Checkpoint {
  /** From 1, without gaps. */
  number: number;
  last: number;
  /** How many records the range has. */
  records: number;
  sealedMs: number;
  /** For each record its place and the beginning of its hash, to find the one that differs. */
  leaves: Buffer;
  /** Hash over all that is above, the records, and the chain before. */
  chain: Buffer;
  /** Fingerprint of the key that signed `chain`. */
  key: string;
  signature: Buffer;
}

interface CheckpointRow {
  number: string;
  last: string;
  records: number;
  sealed_ms: string;
  leaves: Buffer;
  chain: Buffer;
  key: string;
  signature: Buffer;
}

const COLUMNS = 'number, last, records, sealed_ms, leaves, chain, key, signature';

/** The table `audit_checkpoint`, and up to where the log can be sealed. */
export class CheckpointTable {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /**
   * A place, and the number of a transaction: when all transactions up to that one are over, no record can appear at the place or before.
   * Whoever takes a place has had a number before (`auditInsert`); the number here is assigned after the place was looked at.
   */
  async mark(): Promise<Mark> {
    return this.#database.transaction(async (tx) => {
      const sequence = `pg_get_serial_sequence('"${this.#schema}".audit_record', 'place')::regclass`;
      const { rows } = await tx.query({
        name: 'audit-mark-place',
        text: `SELECT coalesce(pg_sequence_last_value(${sequence}), 0) AS place`,
        values: [],
      });
      const after = await tx.query({
        name: 'audit-mark-transaction',
        text: 'SELECT pg_current_xact_id()::text AS transaction',
        values: [],
      });
      const { transaction } = after.rows[0] as { transaction: string };
      return { place: Number((rows[0] as { place: string }).place), transaction };
    });
  }

  /** Whether every transaction up to that of a mark is over. */
  async isPast({ transaction }: Mark): Promise<boolean> {
    const text = 'SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8 AS past';
    const { rows } = await this.#database.read({ name: 'audit-past', text, values: [transaction] });
    return (rows[0] as { past: boolean }).past;
  }

  /** Runs `work` unless another process is at it; its transaction holds the right to seal. */
  async alone(work: (tx: Transaction) => Promise<void>): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const text = 'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked';
      const values = [`maxray.audit.seal.${this.#schema}`];
      const { rows } = await tx.query({ name: 'audit-seal-lock', text, values });
      if ((rows[0] as { locked: boolean }).locked) await work(tx);
    });
  }

  async latest(tx?: Transaction): Promise<Checkpoint | undefined> {
    const text = `SELECT ${COLUMNS} FROM "${this.#schema}".audit_checkpoint ORDER BY number DESC LIMIT 1`;
    const statement = { name: 'audit-latest', text, values: [] };
    const { rows } = tx ? await tx.query(statement) : await this.#database.read(statement);
    return rows[0] && checkpointOf(rows[0] as unknown as CheckpointRow);
  }

  async add(tx: Transaction, checkpoint: Checkpoint): Promise<void> {
    const { number, last, records, sealedMs, leaves, chain, key, signature } = checkpoint;
    const text = `INSERT INTO "${this.#schema}".audit_checkpoint (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
    const values = [number, last, records, sealedMs, leaves, chain, key, signature];
    await tx.query({ name: 'audit-checkpoint', text, values });
  }

  /** Those that seal what is behind a place. */
  async *behind(place: number): AsyncGenerator<Checkpoint[]> {
    const text = `SELECT max(number) AS number FROM "${this.#schema}".audit_checkpoint WHERE last <= $1`;
    const { rows } = await this.#database.read({ name: 'audit-behind', text, values: [place] });
    yield* this.after(Number((rows[0] as { number: string | null }).number ?? 0));
  }

  /** Those behind a number, in their order, a page at a time. */
  async *after(number: number): AsyncGenerator<Checkpoint[]> {
    const text = `SELECT ${COLUMNS} FROM "${this.#schema}".audit_checkpoint WHERE number > $1 ORDER BY number LIMIT ${PAGE_ROWS}`;
    for (let last = number; ;) {
      const { rows } = await this.#database.read({ name: 'audit-checkpoints', text, values: [last] });
      const page = (rows as unknown as CheckpointRow[]).map(checkpointOf);
      if (page.length > 0) yield page;
      if (page.length < PAGE_ROWS) return;
      last = page.at(-1)!.number;
    }
  }
}

export interface Mark {
  place: number;
  transaction: string;
}

const checkpointOf = ({ number, last, sealed_ms: sealedMs, ...rest }: CheckpointRow): Checkpoint => ({
  ...rest,
  number: Number(number),
  last: Number(last),
  sealedMs: Number(sealedMs),
});
