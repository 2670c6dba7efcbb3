import type { AuditEventName } from '../../audit/events.ts';

/** What a write of a resource that decides who may do what is, besides a write (DICOM PS3.15 A.5, Security Alert). */
const EVENTS: Readonly<Record<string, AuditEventName>> = {
  User: 'user-changed',
  ProjectMembership: 'roles-changed',
  AccessPolicy: 'security-configuration',
  ClientApplication: 'security-configuration',
};

export const securityEvent = (type: string): AuditEventName | undefined =>
  Object.hasOwn(EVENTS, type) ? EVENTS[type] : undefined;
