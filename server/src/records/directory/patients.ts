import type { HumanName, Patient } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import { FhirError } from '../../fhir/outcome.ts';
import { escapeValue } from '../../fhir/search/split.ts';
import type { PatientChoice, PatientDirectory, UserAccount } from '../../identity/ports.ts';
import type { Callers } from '../callers/callers.ts';
import type { Caller } from '../caller.ts';
import type { Records } from '../records.ts';
import { OUTCOME } from '../trail/trail.ts';
import type { Trails } from '../trail/trails.ts';

type Pair = readonly [string, string];

/** Patients for the picker of an app's launch: those that the user may see by the policies. */
export class PatientRecords implements PatientDirectory {
  readonly #records: Pick<Records, 'parseSearch' | 'read' | 'search'>;
  readonly #callers: Pick<Callers, 'ofAccount'>;
  readonly #trails: Trails | undefined;

  /** @param trails records which patients were shown; absent: nobody does */
  constructor(
    records: Pick<Records, 'parseSearch' | 'read' | 'search'>,
    callers: Pick<Callers, 'ofAccount'>,
    trails?: Trails,
  ) {
    this.#trails = trails;
    this.#records = records;
    this.#callers = callers;
  }

  async search(user: UserAccount, text: string, max: number): Promise<PatientChoice[]> {
    const caller = await this.#callers.ofAccount(`User/${user.id}`);
    const query = `Patient?${new URLSearchParams({ name: text })}`;
    const { id, profile } = user;
    const agent = { ...caller.agent, user: id, ...(profile !== undefined && { profile }) };
    const origin = { agent, requestId: randomUUID() };
    const trail = this.#trails?.begin(origin, { event: 'search-type', query });
    const found = await this.#search(trail ? { ...caller, trail } : caller, text, max);
    await trail?.end(OUTCOME.success); // before they are shown
    return found;
  }

  async #search(caller: Caller, text: string, max: number): Promise<PatientChoice[]> {
    const words = text.split(/\s+/).filter((word) => word !== '');
    if (words.length === 0) return this.#found(caller, [['_sort', '-_lastUpdated']], max);
    const byName = await this.#found(
      caller,
      words.map((word) => ['name', escapeValue(word)]),
      max,
    );
    const byNumber = await this.#found(caller, [['identifier', escapeValue(text.trim())]], max);
    const known = new Set(byNumber.map(({ id }) => id));
    return [...byNumber, ...byName.filter(({ id }) => !known.has(id))].slice(0, max);
  }

  async allowed(user: UserAccount, patientId: string): Promise<boolean> {
    const caller = await this.#callers.ofAccount(`User/${user.id}`);
    try {
      await this.#records.read(caller, 'Patient', patientId);
      return true;
    } catch (error) {
      if (error instanceof FhirError && error.category !== 'busy') return false;
      throw error;
    }
  }

  async #found(caller: Caller, pairs: readonly Pair[], max: number): Promise<PatientChoice[]> {
    const all: Pair[] = [...pairs, ['_count', String(max)], ['_total', 'none']];
    try {
      const { query } = this.#records.parseSearch({ type: 'Patient' }, all, 'strict');
      const { matches } = await this.#records.search(caller, query);
      return matches.map(({ content }) => choiceOf(JSON.parse(content) as Patient));
    } catch (error) {
      // By the policies the user may see no patient at all, or not search by this.
      if (error instanceof FhirError && error.category === 'forbidden') return [];
      throw error;
    }
  }
}

function choiceOf({ id, name = [], birthDate, identifier = [] }: Patient): PatientChoice {
  const official = name.find(({ use }) => use === 'official') ?? name[0];
  const number = identifier.find(({ value }) => value !== undefined)?.value;
  const detail = [birthDate, number].filter((fact) => fact !== undefined).join(', ');
  return { id: id!, name: nameOf(official) || `Patient ${id}`, ...(detail === '' ? {} : { detail }) };
}

function nameOf({ text, given = [], family = '' }: HumanName = {}): string {
  return text ?? [...given, family].join(' ').trim();
}
