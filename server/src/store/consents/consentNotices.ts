/** What says what patients withhold. */
export const CONSENT = 'Consent';
/** Types that say who belongs to whom a Consent may name. */
const GROUP_TYPES: readonly string[] = ['CareTeam', 'Organization'];
/** Of which every server of a store is told when one changes (migration 0012). */
export const CONSENT_NOTICE_TYPES: readonly string[] = [CONSENT, ...GROUP_TYPES];

/** Channel of NOTIFY on which the servers of a store tell each other. */
export const consentChannelOf = (schema: string): string => `maxray_consent_${schema}`;

/** Consents that must be read again: by the ids of their rows, by their own, or all. */
export interface StaleConsents {
  all: boolean;
  rows: ReadonlySet<string>;
  ids: ReadonlySet<string>;
}

/** Gathers what has changed of consents, here or on another server of the store, until it is taken note of. */
export class ConsentNotices {
  #all = true;
  #rows = new Set<string>();
  #ids = new Set<string>();
  #groups = 0;

  /** Counts up with every change of who belongs to whom. */
  get groups(): number {
    return this.#groups;
  }

  get isStale(): boolean {
    return this.#all || this.#rows.size > 0 || this.#ids.size > 0;
  }

  /** To be called after a write by this server: whoever is answered afterwards is judged by what was written. */
  changed(type: string, ids: readonly string[]): void {
    if (type === CONSENT) for (const id of ids) this.#ids.add(id);
    if (GROUP_TYPES.includes(type)) this.#groups += 1;
  }

  /** @param notice `Type row`, as the trigger says it */
  heard(notice: string): void {
    const [type, row] = notice.split(' ');
    if (type === CONSENT && row !== undefined) this.#rows.add(row);
    else this.#groups += 1;
  }

  /** Changes may have been missed. */
  missed(): void {
    this.#all = true;
    this.#groups += 1;
  }

  take(): StaleConsents {
    const taken = { all: this.#all, rows: this.#rows, ids: this.#ids };
    this.#all = false;
    this.#rows = new Set();
    this.#ids = new Set();
    return taken;
  }

  /** What could not be read after all. */
  putBack({ all, rows, ids }: StaleConsents): void {
    this.#all ||= all;
    for (const row of rows) this.#rows.add(row);
    for (const id of ids) this.#ids.add(id);
  }
}
