import type { AccessPolicy, ProjectMembership, User } from '@medplum/fhirtypes';
import { assignedPolicies } from '../../access/membership.ts';
import type { UserAccount, UserDirectory } from '../../identity/ports.ts';
import { accountOf } from '../../identity/resources.ts';
import { isId } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json/parse.ts';
import { ExactSearch } from '../../store/search/exactSearch.ts';
import type { Store } from '../../store/store.ts';
import { LOCAL_CALLER } from '../caller.ts';
import type { Records } from '../records.ts';
import type { Memberships } from './memberships.ts';

export interface UserSettings {
  /** By which it is noted that an address was confirmed. */
  records: Pick<Records, 'update'>;
  /** Ids of AccessPolicy resources whose members need a second factor; `admin`: whoever administers. */
  mfaPolicies: readonly string[];
}

/** Users that are stored, as the authorization server asks for them. */
export class UserRecords implements UserDirectory {
  readonly #store: Pick<Store, 'reader'>;
  readonly #search: ExactSearch;
  readonly #memberships: Memberships;
  readonly #settings: UserSettings;

  constructor(
    store: Pick<Store, 'reader' | 'definitions' | 'searcher'>,
    memberships: Memberships,
    settings: UserSettings,
  ) {
    this.#settings = settings;
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

  /** Notes it in User.emailVerified, if that is still the address. @throws FhirError when the User changes at the same time */
  async emailVerified(id: string, email: string): Promise<void> {
    const found = await this.#store.reader.read('User', id);
    const user = found?.content ? (JSON.parse(found.content) as User) : undefined;
    if (!found || user?.email?.toLowerCase() !== email || user.emailVerified === true) return;
    const body = parseJson(Buffer.from(JSON.stringify({ ...user, emailVerified: true })));
    await this.#settings.records.update(LOCAL_CALLER, 'User', id, body, found.version);
  }

  async #account(content: string): Promise<UserAccount> {
    const user = JSON.parse(content) as User;
    const membership = await this.#memberships.of(`User/${user.id}`);
    const account = accountOf(user, membership);
    return (await this.#needsFactor(membership)) ? { ...account, mfaRequired: true } : account;
  }

  /** By the policies that are assigned, and those that they are based on. */
  async #needsFactor(membership: ProjectMembership | undefined): Promise<boolean> {
    const { mfaPolicies } = this.#settings;
    if (!membership || mfaPolicies.length === 0) return false;
    if (membership.admin === true && mfaPolicies.includes('admin')) return true;
    const { references } = await assignedPolicies(membership, (reference) => this.#policy(reference));
    return mfaPolicies.some((id) => references.includes(`AccessPolicy/${id}`));
  }

  async #policy(reference: string): Promise<AccessPolicy | undefined> {
    const [type, id = ''] = reference.split('/');
    if (type !== 'AccessPolicy' || !isId(id)) return undefined;
    const found = await this.#store.reader.read(type, id);
    return found?.content ? (JSON.parse(found.content) as AccessPolicy) : undefined;
  }
}
