import type { ProjectMembership } from '@medplum/fhirtypes';
import { ExactSearch } from '../../store/search/exactSearch.ts';
import type { Store } from '../../store/store.ts';

/** ProjectMemberships: what assigns policies, and a profile, to users and clients. */
export class Memberships {
  readonly #search: ExactSearch;

  constructor(store: Pick<Store, 'definitions' | 'searcher'>) {
    this.#search = new ExactSearch(store.definitions, store.searcher);
  }

  /**
   * The membership of a user or client; of several active ones the first by id.
   *
   * @param reference `User/1` or `ClientApplication/1`
   */
  of(reference: string): Promise<ProjectMembership | undefined> {
    return this.#first('user', reference);
  }

  /** The membership by which somebody is whom a profile tells of. @param reference `Practitioner/1` */
  ofProfile(reference: string): Promise<ProjectMembership | undefined> {
    return this.#first('profile', reference);
  }

  async #first(parameter: 'user' | 'profile', reference: string): Promise<ProjectMembership | undefined> {
    const found = await this.#search.by('ProjectMembership', [[parameter, reference]]);
    const memberships = found.map(({ content }) => JSON.parse(content) as ProjectMembership);
    return memberships
      .filter(({ active }) => active !== false)
      .sort((a, b) => (a.id! < b.id! ? -1 : 1))
      .at(0);
  }
}
