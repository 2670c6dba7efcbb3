import { isId } from '../../fhir/id.ts';
import { FhirError } from '../../fhir/outcome.ts';
import {
  OUTCOME,
  type Asked,
  type AuditEventName,
  type Outcome,
  type Trail,
} from '../../records/trail/trail.ts';
import type { InteractionName, Route } from '../router.ts';
import { STATUS_OF, statusText } from './status.ts';

const EVENTS: Readonly<Record<InteractionName, AuditEventName>> = {
  capabilities: 'capabilities',
  // A transaction says so when its body is read.
  bundle: 'batch',
  'system-history': 'history-system',
  'type-history': 'history-type',
  'instance-history': 'history-instance',
  search: 'search-system',
  'search-post': 'search-system',
  operation: 'operation',
  create: 'create',
  read: 'read',
  vread: 'vread',
  update: 'update',
  patch: 'patch',
  delete: 'delete',
  'conditional-update': 'update',
  'conditional-delete': 'delete',
  'conditional-patch': 'patch',
  'job-status': 'operation',
  'job-cancel': 'operation',
  'job-file': 'export',
};

/** Operations that are more than that. */
const OPERATIONS: ReadonlyMap<string, AuditEventName> = new Map([
  ['import', 'import'],
  ['set-password', 'user-changed'],
  ['invite', 'user-changed'],
  ['reset-second-factors', 'user-changed'],
  ['revoke', 'user-changed'],
  ['send-verification', 'user-changed'],
  ['rotate-secret', 'security-configuration'],
  ['break-glass-list', 'audit-used'],
  ['create-tenant', 'security-configuration'],
  ['remove-tenant', 'security-configuration'],
]);

/** What a URL that nothing understands may have meant. */
const BY_METHOD: ReadonlyMap<string | undefined, AuditEventName> = new Map([
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

/** Interactions that their resource says all about. */
const NAMED: ReadonlySet<InteractionName> = new Set<InteractionName>([
  'bundle',
  'create',
  'read',
  'vread',
  'update',
  'patch',
  'delete',
]);

/**
 * What a request asks for, as the audit log has it.
 *
 * @param url below the FHIR base, as it was sent
 */
export function askedBy(route: Route, url: string): Asked {
  const { interaction, type, id, versionId } = route;
  const isKnown = type !== undefined && id !== undefined && isId(id);
  return {
    event: eventOf(route),
    query: NAMED.has(interaction) ? undefined : told(url),
    target: isKnown ? { type, id, versionId } : undefined,
  };
}

/** The same where the URL is not understood. */
export const askedInVain = (method: string | undefined, url: string): Asked => ({
  event: BY_METHOD.get(method) ?? 'read',
  query: told(url),
});

function eventOf({ interaction, type, operation }: Route): AuditEventName {
  if (interaction === 'search' || interaction === 'search-post')
    return type === undefined ? 'search-system' : 'search-type';
  return (operation !== undefined && OPERATIONS.get(operation)) || EVENTS[interaction];
}

/** Parameters whose values open something: they may stand in a URL, where they should not, but never in a log. */
const SECRETS = /([?&](?:[\w.-]*(?:token|password|secret|assertion)|code_verifier)=)[^&]*/gi;

/** A URL below the FHIR base as the log has it. */
export const told = (url: string): string =>
  (url.startsWith('/') ? url.slice(1) : url).replace(SECRETS, '$1…');

/** AuditEvent.outcome of an answer. */
export function outcomeOf(status: number): Outcome {
  if (status < 400) return OUTCOME.success;
  if (status === 401 || status === 403) return OUTCOME.seriousFailure;
  return status < 500 ? OUTCOME.minorFailure : OUTCOME.majorFailure;
}

/** Why an answer is no success: its status, the kind of the fault and where it stands. Texts of faults may quote what was sent. */
export function failureText(status: number, error: unknown): string | undefined {
  if (status < 400) return undefined;
  if (!(error instanceof FhirError)) return statusText(status);
  const [{ code, expression = [] } = { code: error.category }] = error.issues;
  return `${statusText(status)}: ${[code, ...expression].join(' ')}`;
}

/** Records that something failed. @returns what is to be answered: that, or that it could not be recorded */
export async function recordFault(trail: Trail | undefined, error: unknown): Promise<unknown> {
  const status = error instanceof FhirError ? STATUS_OF[error.category] : STATUS_OF.fault;
  try {
    await trail?.end(outcomeOf(status), failureText(status, error));
    return error;
  } catch (unrecorded) {
    return unrecorded;
  }
}
