import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { loadServicePolicy } from '@maxray/fhir-profiles';
import type { ClientSecrets } from '../../identity/clientSecrets.ts';
import { ownedTexts } from '../../identity/ownedFile.ts';
import { LOCAL_CALLER } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import { stored } from '../../records/stored.ts';
import type { Settings } from '../../store/settings.ts';
import { putOperation } from '../putOperation.ts';
import { PROJECT_ID } from '../roles.ts';

const SECRET_BYTES = 32;
const SETTING = 'dicom-bridge';
const NAME = 'DICOM bridge';
const UNITS_EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray-client-units-per-minute';

export interface BridgeAccountDoors {
  records: Records;
  settings: Pick<Settings, 'read' | 'write'>;
  secrets: ClientSecrets;
}

/** What of it was stored. */
interface Installed {
  /** Hash of the policy, as this or an earlier release had it. */
  policy?: string;
  /** Ids of clients: each data folder has its own. */
  clients: string[];
}

/**
 * Lets the bridge in as the client of a file, which is made when absent. The client and its membership are stored once, so that who switches them off
 * has switched them off; its policy is stored again when a release has another one.
 *
 * @throws OwnedFileError where the file cannot be used; RangeError where its secret is too short or too long
 */
export async function openBridgeAccount(
  { records, settings, secrets }: BridgeAccountDoors,
  file: string,
): Promise<void> {
  const { clientId, clientSecret } = ownedTexts(file, ['clientId', 'clientSecret'], () => ({
    clientId: randomUUID(),
    clientSecret: randomBytes(SECRET_BYTES).toString('base64url'),
  }));
  const before = JSON.parse((await settings.read(SETTING)) ?? '{"clients":[]}') as Installed;
  const policy = loadServicePolicy('maxray-dicom-bridge');
  const hash = createHash('sha256').update(JSON.stringify(policy)).digest('base64url');
  const isNew = !before.clients.includes(clientId);
  const wanted = [
    ...((await stored(records, 'Project', PROJECT_ID)) ? [] : [PROJECT]),
    ...(before.policy === hash ? [] : [policy]),
    ...(isNew ? [clientOf(clientId), membershipOf(clientId, policy.id)] : []),
  ];
  if (wanted.length > 0) {
    await records.transact(LOCAL_CALLER, wanted.map(putOperation));
    const clients = isNew ? [...before.clients, clientId] : before.clients;
    await settings.write(SETTING, JSON.stringify({ policy: hash, clients } satisfies Installed));
  }
  if (!(await secrets.matches(clientId, clientSecret))) await secrets.set(clientId, clientSecret);
}

const PROJECT = { resourceType: 'Project', id: PROJECT_ID, name: 'MaxRay' };

/** A study of thousands of images is written in one go: no rate limit holds it up. */
const clientOf = (id: string) => ({
  resourceType: 'ClientApplication',
  id,
  extension: [{ url: UNITS_EXTENSION, valueUnsignedInt: 0 }],
  name: NAME,
  grantType: ['client_credentials'],
  defaultScope: ['system/*.cruds'],
});

function membershipOf(id: string, policy: string) {
  const client = { reference: `ClientApplication/${id}`, display: NAME };
  return {
    resourceType: 'ProjectMembership',
    id,
    project: { reference: `Project/${PROJECT_ID}` },
    user: client,
    profile: client,
    access: [{ policy: { reference: `AccessPolicy/${policy}` } }],
  };
}
