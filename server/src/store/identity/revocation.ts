/** What has ended before its time, so that nobody may go on using it. */
export interface Revocation {
  kind: 'token' | 'grant' | 'account' | 'client';
  /** Of a token: its hash in hexadecimal; else an id. */
  value: string;
}

const TEXT = /^(token|grant|account|client) (.+)$/;

/** Channel of NOTIFY on which the servers of a store tell each other. */
export const channelOf = (schema: string): string => `maxray_identity_${schema}`;

/** Reads a message of that channel; undefined for one of another release. */
export function readRevocation(message: string): Revocation | undefined {
  const [, kind, value] = TEXT.exec(message) ?? [];
  return kind === undefined ? undefined : { kind: kind as Revocation['kind'], value: value! };
}
