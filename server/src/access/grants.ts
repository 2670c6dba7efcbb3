import type { AccessPolicy } from '@medplum/fhirtypes';

/** Values of variables by name, without `%`. A reference is `Type/id`; several values: any of them. None: the variable is not set. */
export type Variables = ReadonlyMap<string, readonly VariableValue[]>;

/** `%name` stands for the text; `%name.id` for the id of a reference. */
export type VariableValue = { reference: string } | { text: string };

/** A policy as it is assigned to a caller. */
export interface AssignedPolicy {
  policy: AccessPolicy;
  /** Those of the membership, which go before the caller's own of the same name. */
  parameters: Variables;
}

/** What a caller's access is compiled from. */
export interface Grants {
  /** ProjectMembership.admin: opens the types that administer the server, and nothing else. */
  administrator: boolean;
  policies: readonly AssignedPolicy[];
  /** `patient`, `profile`, `organization`: see {@link callerVariables}. */
  variables: Variables;
  /** A person is signed in; else it is a client on its own behalf. */
  isUser: boolean;
  /** SMART scopes of the token; those that are not about resources say nothing here. Absent: no scopes limit it. */
  scopes?: readonly string[];
  /** Ids of patients whose records are open in an emergency: their compartments may be read, whatever policies say. Scopes limit that too. */
  emergencies?: readonly string[];
  /** Id of the launch context's patient. */
  launchPatient?: string;
}

/** Variables that every policy may use, whoever it is assigned to. */
export const CALLER_VARIABLES: readonly string[] = ['patient', 'profile', 'organization'];

/** Most values of one variable; beyond it the variable is not set. */
export const VARIABLE_VALUES_MAX = 1000;

/**
 * The variables of a caller.
 *
 * @param caller.profile `Practitioner/1` @param caller.patient `Patient/1`: the patient who the caller is, or is related to; by
 *   default the profile, where that is a patient @param caller.organizations to which the caller belongs
 */
export function callerVariables(caller: {
  profile?: string;
  patient?: string;
  organizations?: readonly string[];
}): Variables {
  const { profile, organizations = [] } = caller;
  const patient = caller.patient ?? (profile?.startsWith('Patient/') ? profile : undefined);
  const references = (values: readonly (string | undefined)[]) =>
    values.filter((value) => value !== undefined).map((reference) => ({ reference }));
  return new Map([
    ['patient', references([patient])],
    ['profile', references([profile])],
    ['organization', references(organizations)],
  ]);
}
