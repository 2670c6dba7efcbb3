import type { AccessPolicy } from '@medplum/fhirtypes';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A role in which people use MaxRay: a policy, and why it allows what it does. */
export interface Role {
  /** Code of the code system maxray-role. */
  role: string;
  /** Who has it, and for whom. */
  purpose: string;
  policy: AccessPolicy & { id: string; name: string };
  /** What belongs together in the policy. */
  groups: RoleGroup[];
}

/** Entries of a policy that are there for the same reason. */
export interface RoleGroup {
  title: string;
  why: string;
  /** Resource types of its entries, alphabetical. */
  types: string[];
  /** How many of the policy's entries belong to it: as many as follow those of the groups before. */
  entries: number;
}

const ROLES = path.join(import.meta.dirname, '..', 'roles');

/** All roles, in the order in which reasons.json has them. Reads the files anew at each call. */
export function loadRoles(): Role[] {
  const reasons = read('reasons.json') as (Omit<Role, 'policy'> & { policy: string })[];
  return reasons.map((one) => ({
    ...one,
    policy: read(`AccessPolicy-${one.policy}.json`) as Role['policy'],
  }));
}

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(ROLES, file), 'utf8'));
