import type { ArtifactTable } from '../store/identity/artifacts.ts';
import type { Revocation } from '../store/identity/revocation.ts';

/** Signing out ends what apps were given in the session, but for those that may stay (`offline_access`). */
export async function endSession(
  artifacts: ArtifactTable,
  sessionUid: string,
  onRevoked: (revocation: Revocation) => void,
): Promise<void> {
  const given = await artifacts.grantsOfSession(sessionUid);
  const isOffline = ({ payload }: { payload: Record<string, unknown> }): boolean =>
    String(payload.scope ?? '')
      .split(' ')
      .includes('offline_access');
  const kept = new Set(given.filter(isOffline).map(({ grantId }) => grantId));
  const ended = new Set(given.map(({ grantId }) => grantId).filter((id) => !kept.has(id)));
  for (const grantId of ended) onRevoked(await artifacts.removeGrant(grantId));
}
