import type { AccessPolicyResource } from '@medplum/fhirtypes';
import { KIND_SYSTEM } from './codes.ts';
import type { Kind } from './codes.ts';

/** Rules that let a bot make notices of a kind, and find its own again. */
export function noticeRules(kind: Kind): AccessPolicyResource[] {
  const criteria = `Communication?category=${KIND_SYSTEM}|${kind}`;
  return [{ resourceType: 'Communication', criteria, interaction: ['search', 'read', 'create'] }];
}

/** Rules that let a bot find out who is behind roles, teams and organisations. */
export const ROLE_RULES: AccessPolicyResource[] = [
  { resourceType: 'PractitionerRole', interaction: ['search', 'read'] },
  {
    resourceType: 'CareTeam',
    interaction: ['read'],
    hiddenFields: ['reasonCode', 'reasonReference', 'note'],
  },
];
