import { LOCAL_CALLER } from '../../records/caller.ts';
import { putOperation } from '../putOperation.ts';
import { PROJECT_ID } from '../roles.ts';
import type { ServedStore } from '../servedStore.ts';

/** Id of the client, of its membership, and of the policy that lets it do everything. */
const ID = 'first-administrator';

/**
 * Makes the first administrator client of a tenant, with another secret each time. It is a resource of the tenant: whoever
 * administers it may give it another secret, or remove it once there are others.
 */
export async function makeTenantAdministrator({
  records,
  identity,
}: ServedStore): Promise<{ clientId: string; clientSecret: string }> {
  const reference = `ClientApplication/${ID}`;
  const resources = [
    { resourceType: 'Project', id: PROJECT_ID, name: 'MaxRay' },
    { resourceType: 'AccessPolicy', id: ID, name: 'First administrator', resource: [{ resourceType: '*' }] },
    {
      resourceType: 'ClientApplication',
      id: ID,
      name: 'First administrator client',
      grantType: ['client_credentials'],
    },
    {
      resourceType: 'ProjectMembership',
      id: ID,
      project: { reference: `Project/${PROJECT_ID}` },
      user: { reference },
      profile: { reference },
      accessPolicy: { reference: `AccessPolicy/${ID}` },
      admin: true,
    },
  ];
  await records.transact(LOCAL_CALLER, resources.map(putOperation));
  return { clientId: ID, clientSecret: await identity.clientSecrets.make(ID) };
}
