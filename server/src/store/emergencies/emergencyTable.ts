import type { Database } from '../postgres/database.ts';
import { once } from '../postgres/migrations/migration.ts';

/** A record that somebody has opened in an emergency. */
export interface Emergency {
  id: string;
  /** `User/1` */
  account: string;
  /** Id of the patient. */
  patient: string;
  reason: string;
  started: Date;
  expires: Date;
  /** Absent: it ends by itself. */
  ended?: Date;
  /** Who has ended it: `User/1`, `ClientApplication/1`. */
  endedBy?: string;
}

/** Which of them to end. */
export interface Ending {
  patient: string;
  /** Absent: of everybody. */
  account?: string;
  by: string;
}

const COLUMNS = 'id, account, patient, reason, started, expires, ended, ended_by';
const time = (ms: number): Date => new Date(ms);

/** Keeps who has opened which record in an emergency, also when that is over. */
export class EmergencyTable {
  readonly #database: Pick<Database, 'read' | 'transaction'>;
  readonly #table: string;

  constructor(database: Pick<Database, 'read' | 'transaction'>, schema: string) {
    this.#database = database;
    this.#table = `"${schema}".emergency_access`;
  }

  /** Those of an account that are open. @param nowMs milliseconds since 1970 UTC, as below */
  async openOf(account: string, nowMs: number): Promise<Emergency[]> {
    const { rows } = await this.#database.read({
      name: 'emergencies-open',
      text: `SELECT ${COLUMNS} FROM ${this.#table} WHERE account = $1 AND ended IS NULL AND expires > $2 ORDER BY started`,
      values: [account, time(nowMs)],
    });
    return rows.map(asEmergency);
  }

  /** How many an account has opened since then. */
  async count(account: string, sinceMs: number): Promise<number> {
    const { rows } = await this.#database.read({
      name: 'emergencies-count',
      text: `SELECT count(*)::integer AS count FROM ${this.#table} WHERE account = $1 AND started > $2`,
      values: [account, time(sinceMs)],
    });
    return (rows[0] as { count: number }).count;
  }

  async open({ id, account, patient, reason, started, expires }: Emergency): Promise<void> {
    const text = `INSERT INTO ${this.#table} (id, account, patient, reason, started, expires) VALUES ($1, $2, $3, $4, $5, $6)`;
    await this.#write(text, [id, account, patient, reason, started, expires]);
  }

  /** @returns those that it ended */
  async end({ patient, account, by }: Ending, nowMs: number): Promise<Emergency[]> {
    const text = `UPDATE ${this.#table} SET ended = $1, ended_by = $2
      WHERE patient = $3 AND ($4::text IS NULL OR account = $4) AND ended IS NULL AND expires > $1 RETURNING ${COLUMNS}`;
    return this.#write(text, [time(nowMs), by, patient, account ?? null]);
  }

  /** The latest first. @param openAtMs only those that are open then */
  async list(max: number, openAtMs?: number): Promise<Emergency[]> {
    const { rows } = await this.#database.read({
      name: 'emergencies-list',
      text: `SELECT ${COLUMNS} FROM ${this.#table} WHERE $1::timestamptz IS NULL OR (ended IS NULL AND expires > $1)
        ORDER BY started DESC, id LIMIT $2`,
      values: [openAtMs === undefined ? null : time(openAtMs), max],
    });
    return rows.map(asEmergency);
  }

  #write(text: string, values: unknown[]): Promise<Emergency[]> {
    return this.#database.transaction(async (tx) =>
      (await tx.query(once(text, values))).rows.map(asEmergency),
    );
  }
}

function asEmergency(row: object): Emergency {
  const {
    ended,
    ended_by: endedBy,
    ...rest
  } = row as Emergency & { ended: Date | null; ended_by: string | null };
  return { ...rest, ...(ended !== null && { ended }), ...(endedBy !== null && { endedBy }) };
}
