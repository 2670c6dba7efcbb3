import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { StoredAuditRow } from '../../store/audit/auditRow.ts';
import type { Checkpoint } from '../../store/audit/checkpointTable.ts';
import { StartError } from '../../store/postgres/startError.ts';
import { Finding } from '../sealing/finding.ts';
import { readLine, type ArchiveLine } from './archiveLines.ts';
import { ARCHIVE } from './writeArchive.ts';

/** Records that are handed on together. */
const PAGE_ROWS = 500;

/** A log in a folder, to be verified: read once, from its beginning to its end. */
export class ArchivedLog {
  readonly #lines: AsyncIterator<string>;
  #next: ArchiveLine | undefined;
  #number = 0;

  /** @throws StartError where there is no archive */
  constructor(folder: string) {
    const file = path.join(folder, ARCHIVE.log);
    if (!existsSync(file))
      throw new StartError(`${folder} is no archive of an audit log: it has no ${ARCHIVE.log}`);
    this.#lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })[
      Symbol.asyncIterator
    ]();
  }

  /** Checkpoints, in their order, as long as no record is left over; behind each, {@link between} has its records. */
  async *after(): AsyncGenerator<Checkpoint[]> {
    for (let line = await this.#peek(); line?.kind === 'checkpoint'; line = await this.#peek()) {
      this.#next = undefined;
      yield [line.checkpoint];
    }
  }

  /**
   * The records of a range, up to its last place: what follows the last checkpoint may be sealed by none.
   *
   * @throws Finding where a record stands between two checkpoints that is of neither
   */
  async *between(_after: number, last: number): AsyncGenerator<StoredAuditRow[]> {
    let page: StoredAuditRow[] = [];
    let line = await this.#peek();
    for (; line?.kind === 'record' && line.row.place <= last; line = await this.#peek()) {
      this.#next = undefined;
      page.push(line.row);
      if (page.length === PAGE_ROWS) {
        yield page;
        page = [];
      }
    }
    if (page.length > 0) yield page;
    if (last === Number.MAX_SAFE_INTEGER && line?.kind === 'checkpoint')
      throw new Finding(`records were inserted before checkpoint ${line.checkpoint.number}`);
  }

  async #peek(): Promise<ArchiveLine | undefined> {
    if (this.#next) return this.#next;
    const { value, done } = await this.#lines.next();
    if (done === true) return undefined;
    this.#number += 1;
    try {
      return (this.#next = readLine(value));
    } catch {
      throw new StartError(`line ${this.#number} of ${ARCHIVE.log} cannot be read`);
    }
  }
}
