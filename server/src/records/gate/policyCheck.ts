import type { AccessPolicy } from '@medplum/fhirtypes';
import type { AccessContext } from '../../access/context.ts';
import { policyFaults } from '../../access/rules/policyFaults.ts';
import { createPathModel } from '../../fhir/path/evaluate/compileExpression.ts';
import { errorIssue, FhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Store } from '../../store/store.ts';

/** What policies are compiled with in a store. */
export const accessContext = (store: Store): AccessContext => ({
  definitions: store.definitions,
  support: store.searcher,
  index: store.index,
  indexer: store.indexer,
  paths: createPathModel(store.definitions),
});

/**
 * Refuses policies with parts that would allow nothing, whoever has them: who writes one should hear of it, and not wonder later.
 * Search parameters whose index is not complete will do: until it is, what uses them allows nothing.
 *
 * @returns throws FhirError `unprocessable` for an AccessPolicy with faults
 */
export function policyCheck(store: Store): (resource: Resource) => void {
  let context: AccessContext | undefined;
  return (resource) => {
    if (resource.resourceType !== 'AccessPolicy') return;
    context ??= { ...accessContext(store), ...store.coming };
    const faults = policyFaults(context, resource as unknown as AccessPolicy);
    if (faults.length === 0) return;
    const issues = faults.map(({ expression, text }) => errorIssue('business-rule', text, expression));
    throw new FhirError('unprocessable', issues);
  };
}
