import type { CredentialTable } from '../../store/identity/credentials.ts';
import type { IdentityPorts, UserAccount } from '../ports.ts';
import type { ExternalIdentity } from './externalProviders.ts';

export interface ListedExternal {
  name: string;
  /** Of the provider, as it was when linked. */
  provider: string;
  email: string;
}

/** Which accounts of external providers sign in which users. */
export class ExternalAccounts {
  readonly #table: CredentialTable;
  readonly #ports: IdentityPorts;

  constructor(table: CredentialTable, ports: IdentityPorts) {
    this.#table = table;
    this.#ports = ports;
  }

  /**
   * The user of an external account: the one that it is linked to, else one who has its verified address, who is linked then. Nobody is
   * made: without such a user it signs nobody in. A user has one account of a provider: an address that went to somebody
   * else there opens nothing here.
   */
  async userOf(
    { provider, subject, email }: ExternalIdentity,
    address: string,
  ): Promise<UserAccount | undefined> {
    const { users, onEvent } = this.#ports;
    const id = `${provider.issuer} ${subject}`;
    const linked = await this.#table.find('external', id);
    const user = await (linked ? users.byId(linked.account) : email && users.byEmail(email));
    if (!user || !user.active) return undefined;
    if (linked) return (await this.#table.use('external', id, 0)) ? user : undefined;
    const others = (await this.#table.ofAccount(user.id)).filter(({ kind }) => kind === 'external');
    if (others.some(({ value }) => value.issuer === provider.issuer)) return undefined;
    const value = { issuer: provider.issuer, provider: provider.name, email };
    if (!(await this.#table.add({ kind: 'external', id, account: user.id, value }))) return undefined;
    onEvent({ kind: 'account-linked', userId: user.id, address, detail: provider.id });
    return user;
  }

  async of(userId: string): Promise<ListedExternal[]> {
    const all = (await this.#table.ofAccount(userId)).filter(({ kind }) => kind === 'external');
    return all.map(({ name, value }) => ({
      name,
      provider: String(value.provider),
      email: String(value.email),
    }));
  }

  async remove(userId: string, name: string): Promise<boolean> {
    return /^[0-9a-f]{64}$/.test(name) && this.#table.remove(userId, { kind: 'external', name });
  }
}
