import type { Consent } from '@medplum/fhirtypes';
import type { AccessContext } from '../../access/context.ts';
import { readConsent, type PatientConsent } from '../../access/consent/patientConsent.ts';
import { Withheld } from '../../access/consent/withheld.ts';
import type { ConsentParty } from '../../access/consent/withholds.ts';
import type { ConsentNotices, StaleConsents } from '../../store/consents/consentNotices.ts';
import type { ConsentReader, StoredConsent } from '../../store/consents/consentReader.ts';
import { together } from '../../store/reindex/together.ts';
import { Turns } from './turns.ts';

/**
 * Parties of whom it is remembered what is withheld from them (those whom all consents treat alike are one), and patients in all that
 * is remembered: about 60 bytes each. Beyond that those go that came first.
 */
const PARTIES_MAX = 500;
const REMEMBERED_PATIENTS_MAX = 1_000_000;
/** Changes that are remembered, for whoever was last asked about before them. */
const CHANGES_MAX = 10_000;

export interface ConsentsParts {
  reader: Pick<ConsentReader, 'active' | 'some' | 'mark'>;
  notices: ConsentNotices;
  /** Whether nothing that another server announced over a second ago can have been missed. */
  trusted(): boolean;
  /** Absolute URL of the FHIR base. */
  base: string;
  /** Milliseconds since 1970 UTC. */
  nowMs?: () => number;
}

interface Known {
  withheld: Withheld;
  context: AccessContext;
  revision: number;
}

/** The consents in force that withhold something, in memory; as they are stored, whoever stored them. */
export class Consents {
  readonly #parts: ConsentsParts;
  readonly #nowMs: () => number;
  readonly #byRow = new Map<string, PatientConsent>();
  readonly #byPatient = new Map<string, PatientConsent[]>();
  /** How many consents name somebody. */
  readonly #named = new Map<string, number>();
  #groups = 0;
  readonly #turns = new Turns();
  readonly #known = new Map<string, Known>();
  /** Patients whose consents have changed, of the last revisions: one each. */
  #changed: string[] = [];
  #revision = 0;
  #mark: string | undefined;
  readonly #look = together(() => this.#refresh());

  constructor(parts: ConsentsParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? Date.now;
  }

  /** No patient withholds anything from anybody. */
  get isEmpty(): boolean {
    return this.#byRow.size === 0;
  }

  /** Counts up with each change of which groups are named. */
  get groups(): number {
    return this.#groups;
  }

  /** Whether all is known that was written before now here, and a second before on other servers. */
  get isCurrent(): boolean {
    return !this.#parts.notices.isStale && this.#parts.trusted() && !this.#turns.isDue(this.#nowMs());
  }

  /** Reads what has changed. @throws FhirError busy while the database is away */
  async refresh(): Promise<void> {
    while (!this.isCurrent) {
      await this.#look();
      if (!this.#parts.trusted()) return; // as true as the database was
    }
  }

  /** Those who are named and whose reference begins so: `CareTeam/`. */
  namedOf(beginning: string): string[] {
    return [...this.#named.keys()].filter((one) => one.startsWith(beginning));
  }

  /** What is withheld from somebody; undefined: nothing. The same object as long as nothing of it changes. */
  withheldFrom(context: AccessContext, party: ConsentParty): Withheld | undefined {
    const is = [...party.is].filter((one) => this.#named.has(one)).sort();
    const purposes = party.purposes && [...party.purposes].sort();
    const key = JSON.stringify([is, purposes]);
    const before = this.#known.get(key);
    if (before?.revision === this.#revision && before.context === context) return orNothing(before.withheld);
    const withheld = this.#withheld(context, { is: new Set(is), purposes: party.purposes }, before);
    this.#known.delete(key);
    this.#known.set(key, { withheld, context, revision: this.#revision });
    this.#dropSome();
    return orNothing(withheld);
  }

  #dropSome(): void {
    let patients = [...this.#known.values()].reduce((sum, { withheld }) => sum + withheld.size, 0);
    for (const [key, { withheld }] of this.#known) {
      const isTooMuch = this.#known.size > PARTIES_MAX || patients > REMEMBERED_PATIENTS_MAX;
      if (!isTooMuch || this.#known.size === 1) return;
      this.#known.delete(key);
      patients -= withheld.size;
    }
  }

  #withheld(context: AccessContext, party: ConsentParty, before: Known | undefined): Withheld {
    const behind = before ? this.#revision - before.revision : Infinity;
    if (before?.context !== context || behind > this.#changed.length)
      return Withheld.of(context, party, this.#byPatient, this.#nowMs());
    const changed = new Set(behind === 0 ? [] : this.#changed.slice(-behind));
    return before.withheld.updated(this.#byPatient, changed, this.#nowMs());
  }

  async #refresh(): Promise<void> {
    const { notices, trusted } = this.#parts;
    if (!trusted()) await this.#compareMark();
    const stale = notices.take();
    try {
      await this.#read(stale);
    } catch (error) {
      notices.putBack(stale);
      throw error;
    }
    for (const patient of this.#turns.turned(this.#nowMs())) this.#note(patient);
  }

  /** While nothing can be heard, the database is asked whether there is anything new. */
  async #compareMark(): Promise<void> {
    const mark = await this.#parts.reader.mark();
    if (mark !== this.#mark) this.#parts.notices.missed();
    this.#mark = mark;
  }

  async #read(stale: StaleConsents): Promise<void> {
    const { reader } = this.#parts;
    if (!stale.all) {
      if (stale.rows.size + stale.ids.size === 0) return;
      const found = await reader.some(stale);
      this.#put(found);
      for (const row of stale.rows) if (!found.some((one) => one.row === row)) this.#forget(row);
      return;
    }
    const found: StoredConsent[] = [];
    for await (const some of reader.active()) found.push(...some);
    const rows = new Set(found.map(({ row }) => row));
    for (const row of [...this.#byRow.keys()]) if (!rows.has(row)) this.#forget(row);
    this.#put(found);
  }

  #put(found: readonly StoredConsent[]): void {
    for (const { row, content } of found) {
      this.#forget(row);
      const consent =
        content === null ? undefined : readConsent(JSON.parse(content) as Consent, this.#parts.base);
      if (!consent) continue;
      const { patient, named } = consent;
      this.#byRow.set(row, consent);
      this.#byPatient.set(patient, [...(this.#byPatient.get(patient) ?? []), consent]);
      for (const one of named) this.#countNamed(one, 1);
      this.#noteConsents(patient);
    }
  }

  #forget(row: string): void {
    const consent = this.#byRow.get(row);
    if (!consent) return;
    const { patient, named } = consent;
    this.#byRow.delete(row);
    const others = this.#byPatient.get(patient)!.filter((one) => one !== consent);
    if (others.length > 0) this.#byPatient.set(patient, others);
    else this.#byPatient.delete(patient);
    for (const one of named) this.#countNamed(one, -1);
    this.#noteConsents(patient);
  }

  #countNamed(one: string, by: 1 | -1): void {
    const count = (this.#named.get(one) ?? 0) + by;
    if (count > 0) this.#named.set(one, count);
    else this.#named.delete(one);
    if (GROUP.test(one)) this.#groups += 1;
  }

  #noteConsents(patient: string): void {
    const turns = (this.#byPatient.get(patient) ?? []).flatMap((one) => one.turns);
    this.#turns.set(patient, turns, this.#nowMs());
    this.#note(patient);
  }

  #note(patient: string): void {
    this.#revision += 1;
    this.#changed.push(patient);
    if (this.#changed.length > 2 * CHANGES_MAX) this.#changed = this.#changed.slice(-CHANGES_MAX);
  }
}

const GROUP = /^(CareTeam|Organization)\//;

const orNothing = (withheld: Withheld): Withheld | undefined => (withheld.size === 0 ? undefined : withheld);
