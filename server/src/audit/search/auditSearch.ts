import type { AuditCursor, AuditSearchTable } from '../../store/audit/auditSearchTable.ts';
import type { AuditKeys } from '../auditKeys.ts';
import { recordOf, type PlacedRecord } from '../encode.ts';
import { filterOf, matches, type AuditCondition } from './query.ts';

export interface AuditQuery {
  /** All must hold; none: every record. */
  conditions: readonly AuditCondition[];
  /** By time, newest first, unless ascending; what has the same time, in the order of the log. */
  ascending?: boolean;
  /** Where the page before ended. */
  after?: AuditCursor;
  /** Most records in the page. */
  count: number;
}

export interface AuditPage {
  records: PlacedRecord[];
  /** Where the next page begins; absent on the last. */
  next?: AuditCursor;
}

/** Finds records of the log, for searches of AuditEvent and reports on access. What is searched is what was moved by now. */
export class AuditSearch {
  readonly #table: AuditSearchTable;
  readonly #keys: AuditKeys;

  constructor(table: AuditSearchTable, keys: AuditKeys) {
    this.#table = table;
    this.#keys = keys;
  }

  /** @throws FhirError incorrect when it asks for too much, DatabaseError 57014 when it takes too long */
  async find({ conditions, ascending = false, after, count }: AuditQuery): Promise<AuditPage> {
    const filter = filterOf(conditions, this.#keys, Date.now());
    const records: PlacedRecord[] = [];
    for (let cursor = after; ;) {
      const wanted = count + 1 - records.length;
      const rows = await this.#table.page({
        filter,
        ascending,
        count: wanted,
        ...(cursor !== undefined && { after: cursor }),
      });
      for (const row of rows) {
        const record = recordOf(row);
        if (conditions.every((condition) => matches(record, condition)))
          records.push({ place: row.place, record });
      }
      if (rows.length < wanted) return { records };
      if (records.length > count) {
        const page = records.slice(0, count);
        return { records: page, ...(page.length > 0 && { next: cursorOf(page.at(-1)!) }) };
      }
      cursor = { recordedMs: rows.at(-1)!.recordedMs, place: rows.at(-1)!.place }; // a collision was left out
    }
  }

  /** The record at a place. */
  async at(place: number): Promise<PlacedRecord | undefined> {
    return (await this.find({ conditions: [{ by: 'id', places: [place] }], count: 1 })).records[0];
  }

  /** How many records there are; collisions of keys (one in 10^10) are counted. */
  async count(conditions: readonly AuditCondition[]): Promise<number> {
    return this.#table.count(filterOf(conditions, this.#keys, Date.now()));
  }
}

const cursorOf = ({ place, record }: PlacedRecord): AuditCursor => ({ recordedMs: record.recordedMs, place });
