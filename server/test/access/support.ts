import type { AccessPolicy, AccessPolicyResource } from '@medplum/fhirtypes';
import type { Access } from '../../src/access/access.ts';
import type { AccessContext } from '../../src/access/context.ts';
import { createAccess } from '../../src/access/createAccess.ts';
import { callerVariables, type Grants } from '../../src/access/grants.ts';
import type { Definitions } from '../../src/fhir/definitions/types.ts';
import { createPathModel } from '../../src/fhir/path/evaluate/compileExpression.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { createIndexer } from '../../src/store/index/indexer.ts';
import { createIndexQuery } from '../../src/store/index/query.ts';
import { canSearch } from '../../src/store/search/conditions/canSearch.ts';
import { r4Definitions } from '../support/definitions.ts';

const SECRET = new Uint8Array(16).fill(7);
/** URL of the server whose policies are compiled. */
export const BASE = 'http://maxray.example/fhir/R4';

/** What policies are compiled with, without a database. */
export async function openContext(): Promise<AccessContext> {
  return contextOf(await r4Definitions());
}

export function contextOf(definitions: Definitions): AccessContext {
  const index = createIndexQuery(definitions, SECRET, { publicBase: BASE });
  return {
    definitions,
    index,
    indexer: createIndexer(definitions, SECRET, { publicBase: BASE }),
    support: { supports: (...asked) => canSearch(index, ...asked), sorts: () => true },
    paths: createPathModel(definitions),
  };
}

export function policy(...resource: AccessPolicyResource[]): AccessPolicy {
  return { resourceType: 'AccessPolicy', name: 'test', resource };
}

/** Access of somebody signed in, without limits by scopes. */
export function accessOf(
  context: AccessContext,
  policies: readonly AccessPolicy[],
  grants: Partial<Omit<Grants, 'policies'>> = {},
): Access {
  return createAccess(context, {
    administrator: false,
    isUser: true,
    variables: callerVariables({ profile: 'Practitioner/p1', organizations: ['Organization/o1'] }),
    ...grants,
    policies: policies.map((one) => ({ policy: one, parameters: new Map() })),
  });
}

export const observation = (more: Record<string, unknown> = {}): Resource => ({
  resourceType: 'Observation',
  id: 'obs1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: 'Patient/pat1' },
  ...more,
});

export const patient = (more: Record<string, unknown> = {}): Resource => ({
  resourceType: 'Patient',
  id: 'pat1',
  ...more,
});
