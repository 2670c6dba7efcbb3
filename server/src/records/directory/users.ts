import type { User } from '@medplum/fhirtypes';
import type { UserAccount, UserDirectory } from '../../identity/ports.ts';
import { accountOf } from '../../identity/resources.ts';
import { isId } from '../../fhir/id.ts';
import { ExactSearch } from '../../store/search/exactSearch.ts';
import type { Store } from '../../store/store.ts';
import type { Memberships } from './memberships.ts';

/** Users that are stored, as the authorization server asks for them. */
export class UserRecords implements UserDirectory {
  readonly #store: Pick<Store, 'reader'>;
  readonly #search: ExactSearch;
  readonly #memberships: Memberships;

  constructor(store: Pick<Store, 'reader' | 'definitions' | 'searcher'>, memberships: Memberships) {
    this.#store = store;
    this.#search = new ExactSearch(store.definitions, store.searcher);
    this.#memberships = memberships;
  }

  async byId(id: string): Promise<UserAccount | undefined> {
    const found = isId(id) ? await this.#store.reader.read('User', id) : undefined;
    return found?.content ? this.#account(found.content) : undefined;
  }

  /** Only one who is active; nobody where several are, since it is not known who is meant. */
  async byEmail(email: string): Promise<UserAccount | undefined> {
    // Strings are found by how they begin, without case or accents.
    const found = await this.#search.by('User', [['email', email]]);
    const accounts = await Promise.all(found.map(({ content }) => this.#account(content)));
    const [one, ...others] = accounts.filter((account) => account.active && account.email === email);
    return others.length === 0 ? one : undefined;
  }

  async #account(content: string): Promise<UserAccount> {
    const user = JSON.parse(content) as User;
    return accountOf(user, await this.#memberships.of(`User/${user.id}`));
  }
}
