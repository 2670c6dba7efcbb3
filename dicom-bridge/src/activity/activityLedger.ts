import type { DatabaseSync } from 'node:sqlite';
import type { Activity } from './activity.ts';

/** Activities that wait for the server; what comes beyond that is counted only. */
export const ACTIVITIES_MAX = 100_000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS activity (number INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS activity_lost (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), count INTEGER NOT NULL) STRICT;
INSERT INTO activity_lost VALUES (1, 0) ON CONFLICT DO NOTHING;`;

export interface Batch {
  activities: Activity[];
  /** Of the last one; 0 where there is none. */
  upTo: number;
}

/** Activities that the server has not taken yet, in the ledger's database: a crash or a restart loses none. */
export class ActivityLedger {
  readonly #database: DatabaseSync;
  readonly #max: number;
  #waiting: number;
  /** Lost while the database took nothing, not even their count. */
  #uncounted = 0;

  constructor(database: DatabaseSync, max = ACTIVITIES_MAX) {
    this.#database = database;
    this.#max = max;
    database.exec(SCHEMA);
    this.#waiting = this.#count('SELECT count(*) AS count FROM activity');
  }

  /**
   * Never throws: that the disk is full must not end what is received, and what the audit log lacks is counted.
   *
   * @returns false where there was no room, and it was only counted
   */
  add(activity: Activity): boolean {
    try {
      return this.#add(activity);
    } catch {
      this.#uncounted += 1;
      return false;
    }
  }

  /** One that the server does not take is counted only. Never throws. */
  lose(): void {
    try {
      this.#countLost();
    } catch {
      this.#uncounted += 1;
    }
  }

  #countLost(): void {
    this.#database.exec('UPDATE activity_lost SET count = count + 1');
  }

  #add(activity: Activity): boolean {
    if (this.#waiting >= this.#max) {
      this.#countLost();
      return false;
    }
    this.#database.prepare('INSERT INTO activity (content) VALUES (?)').run(JSON.stringify(activity));
    this.#waiting += 1;
    return true;
  }

  /** The oldest ones. */
  oldest(max: number): Batch {
    const text = 'SELECT number, content FROM activity ORDER BY number LIMIT ?';
    const rows = this.#database.prepare(text).all(max) as { number: number; content: string }[];
    const activities = rows.map(({ content }) => JSON.parse(content) as Activity);
    return { activities, upTo: rows.at(-1)?.number ?? 0 };
  }

  /** The server has these. */
  taken({ upTo }: Batch): void {
    const { changes } = this.#database.prepare('DELETE FROM activity WHERE number <= ?').run(upTo);
    this.#waiting -= Number(changes);
  }

  /** How many were only counted, up to now; the count begins anew. */
  takeLost(): number {
    const { lost } = this.counts();
    if (lost > this.#uncounted) this.#database.exec('UPDATE activity_lost SET count = 0');
    this.#uncounted = 0;
    return lost;
  }

  counts(): { waiting: number; lost: number } {
    const counted = this.#count('SELECT count FROM activity_lost');
    return { waiting: this.#waiting, lost: counted + this.#uncounted };
  }

  #count(text: string): number {
    return (this.#database.prepare(text).get() as { count: number }).count;
  }
}
