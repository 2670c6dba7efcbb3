import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Artifact, ArtifactTable } from '../../store/identity/artifacts.ts';
import type { Revocation } from '../../store/identity/revocation.ts';
import { inOAuthWords } from './failures.ts';

/** What the provider reads and writes of one model, over the table of artifacts. */
export function artifactAdapter(
  model: string,
  table: ArtifactTable,
  onRevoked: (revocation: Revocation) => void,
): Adapter {
  const payloadOf = async (found: ReturnType<ArtifactTable['find']>): Promise<AdapterPayload | undefined> => {
    const artifact = await inOAuthWords(found);
    if (!artifact) return undefined;
    const { payload, consumedAtS } = artifact;
    return consumedAtS === undefined ? payload : { ...payload, consumed: consumedAtS };
  };
  const endGrant = async (grantId: string): Promise<void> =>
    onRevoked(await inOAuthWords(table.removeGrant(grantId)));
  return {
    async upsert(id, payload, expiresInS) {
      const artifact = artifactOf(model, id, payload, expiresInS);
      if (model !== 'ReplayDetection') return inOAuthWords(table.put(artifact));
      // The provider looks first and saves then: of two at once, one is a replay all the same.
      if (!(await inOAuthWords(table.add(artifact))))
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
    find: (id) => payloadOf(table.find(model, id)),
    findByUid: (uid) => payloadOf(table.findByUid(model, uid)),
    findByUserCode: async () => undefined, // the device flow is off
    async consume(id) {
      if (await inOAuthWords(table.consume(model, id))) return;
      // Somebody was faster since the provider looked: one of the two has stolen it.
      const { grantId } = (await payloadOf(table.find(model, id))) ?? {};
      if (grantId !== undefined) await endGrant(grantId);
      throw new errors.InvalidGrant('it was used already');
    },
    async destroy(id) {
      const revocation = await inOAuthWords(table.remove(model, id));
      if (revocation) onRevoked(revocation);
      if (model === 'Grant') await endGrant(id);
    },
    // Asked of each model in turn: the first ends them all.
    revokeByGrantId: async (grantId) => (model === 'AccessToken' ? endGrant(grantId) : undefined),
  };
}

function artifactOf(
  model: string,
  id: string,
  payload: AdapterPayload,
  expiresInS: number | undefined,
): Artifact {
  const { uid, sessionUid, accountId, clientId } = payload;
  return {
    model,
    id,
    payload,
    expiresInS,
    grantId: model === 'Grant' ? id : payload.grantId,
    uid: model === 'Session' ? uid : undefined,
    sessionUid,
    account: accountId,
    client: clientId,
  };
}
