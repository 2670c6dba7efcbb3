/** What has ended before its time, so that nobody may go on using it. */
export interface Revocation {
  kind: 'token' | 'grant' | 'account' | 'client' | 'administration';
  /** Of a token: its hash in hexadecimal; of `administration`: nothing to go by; else an id. */
  value: string;
}

const TEXT = /^(token|grant|account|client|administration) (.+)$/;

/** Types of resources that decide who somebody is, and what may be done: what was made of them is made anew when one changes. */
export const DECIDING_TYPES: readonly string[] = [
  'AccessPolicy',
  'Bot',
  'ClientApplication',
  'PractitionerRole',
  'Project',
  'ProjectMembership',
  'RelatedPerson',
  'User',
];

/** The message that one of them has changed, whichever. */
export const ADMINISTRATION_NOTICE = 'administration changed';

/** Channel of NOTIFY on which the servers of a store tell each other. */
export const channelOf = (schema: string): string => `maxray_identity_${schema}`;

/** Reads a message of that channel; undefined for one of another release. */
export function readRevocation(message: string): Revocation | undefined {
  const [, kind, value] = TEXT.exec(message) ?? [];
  return kind === undefined ? undefined : { kind: kind as Revocation['kind'], value: value! };
}
