import type { Resource } from '../../fhir/resource.ts';
import type { Identified } from '../../identity/ports.ts';
import type { Store } from '../../store/store.ts';
import type { Memberships } from '../directory/memberships.ts';
import { accountOf } from './accountOf.ts';

/** What somebody is told of him- or herself: as `/auth/me` of Medplum answers, so that its clients know who they are. */
export interface Me {
  user?: { resourceType: 'User'; id: string; email?: string; firstName?: string; lastName?: string };
  project?: { resourceType: 'Project'; id: string; name?: string };
  membership?: Resource;
  profile?: Resource;
}

/** Tells callers who they are. */
export class WhoAmI {
  readonly #store: Pick<Store, 'reader'>;
  readonly #memberships: Memberships;

  constructor(store: Pick<Store, 'reader'>, memberships: Memberships) {
    this.#store = store;
    this.#memberships = memberships;
  }

  async of({ clientId, userId, profile }: Identified): Promise<Me> {
    const account = accountOf({ clientId, ...(userId !== undefined && { userId }) });
    const membership = await this.#memberships.of(account);
    const [user, project, shown] = await Promise.all([
      userId === undefined ? undefined : this.#read(account),
      this.#read(membership?.project?.reference),
      this.#read(profile ?? membership?.profile?.reference),
    ]);
    return {
      ...(user && { user: pick(user, ['email', 'firstName', 'lastName']) as Me['user'] }),
      ...(project && { project: pick(project, ['name']) as Me['project'] }),
      ...(membership && { membership: membership as unknown as Resource }),
      ...(shown && { profile: shown }),
    } as Me;
  }

  async #read(reference: string | undefined): Promise<Resource | undefined> {
    const [type, id] = reference?.split('/') ?? [];
    if (type === undefined || id === undefined) return undefined;
    const found = await this.#store.reader.read(type, id);
    return found?.content ? (JSON.parse(found.content) as Resource) : undefined;
  }
}

function pick(resource: Resource, names: readonly string[]): object {
  const given = Object.entries(resource).filter(([name]) => names.includes(name));
  return { resourceType: resource.resourceType, id: resource.id, ...Object.fromEntries(given) };
}
