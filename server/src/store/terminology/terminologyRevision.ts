import { changeMarkSql } from '../canonicals/changeMark.ts';
import type { Database } from '../postgres/database.ts';
import { together } from '../reindex/together.ts';

/** Types whose change may change what codes mean. */
export const TERMINOLOGY_TYPES = ['CodeSystem', 'ConceptMap', 'ValueSet'] as const;

/** How long an answer counts while nothing is written here: so soon it is known what other servers have written. */
const REMEMBERED_MS_MAX = 1_000;

interface Look {
  revision: string;
  /** When it began. */
  atMs: number;
  /** The writes of this process before it began. */
  writes: number;
}

/** Tells whether anything that says what codes mean has changed. */
export class TerminologyRevision {
  readonly #database: Pick<Database, 'read'>;
  readonly #schema: string;
  readonly #nowMs: () => number;
  #writes = 0;
  #last: Look | undefined;
  /** Who asks while one asks already shares the next answer. */
  readonly #look = together(() => this.#read());

  /** @param nowMs a clock that only goes forward */
  constructor(database: Pick<Database, 'read'>, schema: string, nowMs = () => performance.now()) {
    this.#database = database;
    this.#schema = schema;
    this.#nowMs = nowMs;
  }

  /** To be called after a write, with its type: whoever asks afterwards is answered by what was written. */
  changed(type: string): void {
    if ((TERMINOLOGY_TYPES as readonly string[]).includes(type)) this.#writes += 1;
  }

  /**
   * A text that is another after each write of such a resource by this server, and after each release that was loaded; a second
   * later at the most where others have done that.
   */
  async current(): Promise<string> {
    if (!this.#isFresh()) await this.#look();
    return this.#last!.revision;
  }

  #isFresh(): boolean {
    const last = this.#last;
    if (last === undefined || last.writes !== this.#writes) return false;
    return this.#nowMs() - last.atMs < REMEMBERED_MS_MAX;
  }

  async #read(): Promise<void> {
    const [atMs, writes] = [this.#nowMs(), this.#writes];
    const { rows } = await this.#database.read({
      name: 'terminology-revision',
      text: `SELECT ${changeMarkSql(this.#schema)}
        || coalesce((SELECT string_agg(' ' || key, '' ORDER BY key) FROM "${this.#schema}".code_system WHERE state = 'ready'), '') AS revision`,
      values: [[...TERMINOLOGY_TYPES]],
    });
    this.#last = { revision: String(rows[0]!.revision), atMs, writes };
  }
}
