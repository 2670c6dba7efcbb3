import type { PractitionerRole, RelatedPerson } from '@medplum/fhirtypes';
import { callerVariables, type Variables } from '../../access/grants.ts';
import { ExactSearch } from '../../store/search/exactSearch.ts';
import type { Store } from '../../store/store.ts';

/** What the variables of policies stand for, for somebody with this profile. */
export class Belongings {
  readonly #store: Pick<Store, 'reader'>;
  readonly #search: ExactSearch;

  constructor(store: Pick<Store, 'reader' | 'definitions' | 'searcher'>) {
    this.#store = store;
    this.#search = new ExactSearch(store.definitions, store.searcher);
  }

  /** @param profile `Practitioner/1` */
  async variables(profile: string | undefined): Promise<Variables> {
    if (profile === undefined) return callerVariables({});
    const organizations = await this.#organizations(profile);
    const patient = profile.startsWith('RelatedPerson/') ? await this.#relatedTo(profile) : undefined;
    return callerVariables({ profile, organizations, ...(patient === undefined ? {} : { patient }) });
  }

  /** Roles that somebody has now: of a practitioner. */
  async roles(profile: string | undefined): Promise<PractitionerRole[]> {
    if (!profile?.startsWith('Practitioner/')) return [];
    const found = await this.#search.by('PractitionerRole', [['practitioner', profile]]);
    const roles = found.map(({ content }) => JSON.parse(content) as PractitionerRole);
    return roles.filter(({ active, period }) => active !== false && isNow(period));
  }

  async #organizations(practitioner: string): Promise<string[]> {
    const roles = await this.roles(practitioner);
    return [...new Set(roles.flatMap(({ organization }) => organization?.reference ?? []))];
  }

  async #relatedTo(profile: string): Promise<string | undefined> {
    const found = await this.#store.reader.read('RelatedPerson', profile.slice('RelatedPerson/'.length));
    if (!found?.content) return undefined;
    const { active, patient, period } = JSON.parse(found.content) as RelatedPerson;
    return active !== false && isNow(period) ? patient.reference : undefined;
  }
}

/** Whether today is in it; by whole days in UTC, the last one included. */
export function isNow(period: { start?: string; end?: string } | undefined): boolean {
  const now = new Date().toISOString();
  const upTo = (date: string) => now.slice(0, Math.min(10, date.length));
  const { start, end } = period ?? {};
  return (
    (start === undefined || start.slice(0, 10) <= upTo(start)) &&
    (end === undefined || end.slice(0, 10) >= upTo(end))
  );
}
