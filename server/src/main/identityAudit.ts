import type { Audit } from '../audit/audit.ts';
import type { AuditEventName } from '../audit/events.ts';
import { OUTCOME, type AuditRecord, type Outcome } from '../audit/record.ts';
import type { IdentityEvent, IdentityPorts } from '../identity/ports.ts';
import type { Refusals } from '../records/trail/refusals.ts';
import { reasonOf, type Log } from '../store/postgres/log.ts';

interface Kind {
  event: AuditEventName;
  outcome: Outcome;
}

const done = (event: AuditEventName): Kind => ({ event, outcome: OUTCOME.success });
const refused = (event: AuditEventName): Kind => ({ event, outcome: OUTCOME.seriousFailure });

const KINDS: Readonly<Record<IdentityEvent['kind'], Kind>> = {
  'sign-in': done('sign-in'),
  'sign-in-failed': refused('sign-in'),
  'sign-in-locked': refused('sign-in'),
  'sign-out': done('sign-out'),
  consent: done('user-changed'),
  refused: refused('sign-in'),
  'token-issued': done('token'),
  'token-refused': refused('token'),
  'client-registered': done('security-configuration'),
  'mfa-failed': refused('sign-in'),
  'account-unlinked': done('user-changed'),
  'mfa-enrolled': done('user-changed'),
  'mfa-removed': done('user-changed'),
  invited: done('user-changed'),
  'password-reset-requested': done('user-changed'),
  'password-reset': done('user-changed'),
  'password-changed': done('user-changed'),
  'email-verified': done('user-changed'),
  'verification-requested': done('user-changed'),
  'account-shown': done('read'),
  'user-info': done('read'),
  'session-ended': done('sign-out'),
  'grant-revoked': done('user-changed'),
  'account-linked': done('user-changed'),
};

/** Events that are about the account of the user. */
const OF_USERS: ReadonlySet<AuditEventName> = new Set(['user-changed', 'read']);

/** What happened at the authorization server, as the audit log has it: `kind` and `detail` stand where requests have their query. */
export function identityRecord({ kind, clientId, userId, address, detail }: IdentityEvent): AuditRecord {
  const { event, outcome } = KINDS[kind];
  return {
    recordedMs: Date.now(),
    event,
    outcome,
    ...(outcome !== OUTCOME.success && { outcomeText: detail ?? kind }),
    agent: {
      ...(clientId !== undefined && { client: clientId }),
      ...(userId !== undefined && { user: userId }),
    },
    ...(address !== undefined && { address }),
    patients: [],
    resources: OF_USERS.has(event) && userId !== undefined ? [`User/${userId}`] : [],
    query: detail === undefined ? kind : `${kind}: ${detail}`,
  };
}

/** Records what happens at the authorization server; of refusals that come in a flood, that they do. */
export function identityAudit(
  audit: Pick<Audit, 'append'>,
  refusals: Pick<Refusals, 'isRecorded'>,
  log: Log,
): Required<Pick<IdentityPorts, 'onEvent' | 'onShown'>> {
  return {
    /** Does not wait: what cannot be recorded is told the log of the server. */
    onEvent(event) {
      const record = identityRecord(event);
      const { outcome, address } = record;
      if (outcome !== OUTCOME.success && !refusals.isRecorded({ agent: {}, address }, event.kind)) return;
      audit.append(record).catch((error: unknown) => {
        log('error', `a ${event.kind} is not in the audit log: ${reasonOf(error)}`);
      });
    },
    onShown: (event) => audit.append(identityRecord(event)),
  };
}
