import { EVENTS, type EventKind } from '../events.ts';
import type { AuditAgent, AuditRecord } from '../record.ts';
import {
  ACT_REASON,
  APPLICATION,
  AUTHOR,
  CUSTODIAN,
  DESTINATION,
  NETWORK,
  RECIPIENT,
  RESPONSIBLE,
  SOURCE,
} from './codes.ts';

/** Types that AuditEvent.agent.who may refer to. */
const WHO = /^(?:Practitioner|PractitionerRole|Organization|Device|Patient|RelatedPerson)\/[^/]+$/;
/** What BALP wants to be there, and a request without a client has not. */
const NOBODY = 'unknown';
const BREAK_THE_GLASS = 'BTG';

/** The client, the server, and, where they are known, the user and whoever it was for. */
export function agentsOf(record: AuditRecord, base: string): object[] {
  const { agent, address } = record;
  const kind = EVENTS[record.event];
  const roles = networkRoles(kind);
  const isClientAlone = agent.user === undefined && agent.profile === undefined;
  const purposes = purposeOf(record);
  const client = {
    type: roles.client,
    who: { identifier: { value: agent.client ?? NOBODY } },
    requestor: isClientAlone,
    network:
      address === undefined
        ? { address: new URL(base).hostname, type: NETWORK.machineName }
        : { address, type: NETWORK.ipAddress },
    ...(isClientAlone && purposes),
  };
  const server = {
    type: roles.server,
    who: { identifier: { value: base } },
    requestor: false,
    network: { address: base, type: NETWORK.uri },
  };
  return [
    client,
    server,
    ...(isClientAlone ? [] : [{ ...userOf(agent, kind), ...purposes }]),
    ...(agent.onBehalfOf === undefined
      ? []
      : [{ type: RESPONSIBLE, who: whoOf(agent.onBehalfOf, undefined), requestor: false }]),
  ];
}

/** The direction in which what is recorded went, as BALP has it. */
function networkRoles({ action, subtype }: EventKind): { client: object; server: object } {
  if (action === 'D') return { client: APPLICATION, server: CUSTODIAN };
  const isQuery = subtype.code.startsWith('search');
  if (action === 'R' && !isQuery) return { client: DESTINATION, server: SOURCE };
  return { client: SOURCE, server: DESTINATION };
}

function userOf({ user, userName, profile, roles }: AuditAgent, { action }: EventKind): object {
  const isChange = action === 'C' || action === 'U' || action === 'D';
  return {
    type: isChange ? AUTHOR : RECIPIENT,
    who: whoOf(profile, user),
    requestor: true,
    ...(userName !== undefined && { name: userName }),
    ...(roles !== undefined && { role: roles.map((text) => ({ text })) }),
  };
}

function whoOf(reference: string | undefined, id: string | undefined): object {
  const isReference = reference !== undefined && WHO.test(reference);
  const value = id ?? (isReference ? undefined : reference);
  return {
    ...(isReference && { reference }),
    ...(value !== undefined && { identifier: { value } }),
  };
}

/** Purposes of use, as agent.purposeOfUse and AuditEvent.purposeOfEvent have them. */
export function purposesOf({ agent, breakGlass }: AuditRecord): object[] {
  const codes = new Set(agent.purposes);
  if (breakGlass !== undefined) codes.add(BREAK_THE_GLASS);
  return [...codes].map((code) => ({ coding: [{ system: ACT_REASON, code }] }));
}

function purposeOf(record: AuditRecord): object {
  const purposeOfUse = purposesOf(record);
  return purposeOfUse.length > 0 ? { purposeOfUse } : {};
}
