import type { ReplaceLink } from '../../fhir/links/links.ts';
import { referencePlace } from '../../fhir/links/referencePlace.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { isPlaceholder } from './references.ts';
import {
  expressionOf,
  type CreateOperation,
  type TransactionOperation,
  type UpdateOperation,
} from './types.ts';

/**
 * Replaces links as `replace` does. Among the entries of a transaction a reference by a placeholder means one of them
 * (http://hl7.org/fhir/R4/bundle.html#references): once it is stored, one that none of them has can lead nowhere. What a patch leaves
 * is not looked at, since such a reference may have been there before.
 *
 * @returns throws FhirError `incorrect` where no entry has the placeholder
 */
export function requireKnown(operation: TransactionOperation, replace: ReplaceLink): ReplaceLink {
  if (!('resource' in operation) || !operation.isEntry) return replace;
  return (link, kind) => {
    const after = replace(link, kind);
    if (after === link && kind === 'reference' && isPlaceholder(link)) throw unknown(operation, link);
    return after;
  };
}

function unknown(operation: CreateOperation | UpdateOperation, link: string) {
  const { value } = operation.resource;
  const below = referencePlace(value, link).slice(value.resourceType.length);
  return fhirError(
    'incorrect',
    'not-found',
    'No entry that is written has this fullUrl: add the entry that is meant, or correct the reference.',
    expressionOf(operation, `resource${below}`),
  );
}
