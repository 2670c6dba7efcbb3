import { Activities } from '../activity/activities.ts';
import { ActivityLedger } from '../activity/activityLedger.ts';
import { ActivitySender } from '../activity/activitySender.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** What the audit log of the server is told. */
export interface ActivityParts {
  activities: Activities;
  activityLedger: ActivityLedger;
}

/** What was noted before a restart is told now. */
export function openActivities(
  { database, ledger, allowList: peers, server, log }: BridgeParts,
  lifetime: Lifetime,
): ActivityParts {
  const activityLedger = new ActivityLedger(database);
  const sender = new ActivitySender({ ledger: activityLedger, server, log });
  lifetime.atEnd(() => sender.stop());
  const studyOf = (sopInstanceUid: string) => ledger.find(sopInstanceUid)?.studyInstanceUid;
  const activities = new Activities({
    ledger: activityLedger,
    studyOf,
    peers,
    log,
    onNoted: () => sender.wake(),
  });
  lifetime.atEnd(() => activities.stopped());
  activities.started();
  return { activities, activityLedger };
}
