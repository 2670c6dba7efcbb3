import { fhirError } from '../../../fhir/outcome.ts';
import type { SearchQuery } from '../../../fhir/search/ast.ts';
import { unmatchable } from '../match/unmatchable.ts';

/**
 * Refuses what a search of contained resources (http://hl7.org/fhir/R4/search.html#contained) cannot answer rightly.
 *
 * @throws FhirError `incorrect` that names the part and what would be accepted
 */
export function requireOffered({ searches, includes, elements, containedType }: SearchQuery): void {
  for (const { conditions, sort } of searches) {
    const part = conditions.map(unmatchable).find((one) => one !== undefined);
    if (part !== undefined) {
      throw refused(
        '_contained',
        `A search of contained resources cannot ask for ${part}: what is contained has no time and no text index of its own, nothing outside refers to it, and its own references are not followed. Use parameters that one resource answers by itself (also _id, _tag and _filter), or leave _contained out.`,
      );
    }
    if (sort.length > 0) {
      throw refused(
        '_sort',
        'Results with contained resources come by the type and age of their containers: leave _sort out, or _contained.',
      );
    }
  }
  if (includes.some(({ reverse }) => reverse)) {
    throw refused(
      '_revinclude',
      'Nothing outside refers to a contained resource: leave _revinclude out, or _contained.',
    );
  }
  if (containedType === 'contained') return;
  if (includes.length > 0) {
    throw refused(
      '_include',
      'An _include names references of the type that is searched, but the containers are returned: add _containedType=contained, or leave _include out.',
    );
  }
  if (elements !== undefined) {
    throw refused(
      '_elements',
      'The names in _elements are those of the type that is searched, but the containers are returned: add _containedType=contained, or use _summary.',
    );
  }
}

function refused(parameter: string, text: string): Error {
  return fhirError('incorrect', 'not-supported', text, `http.${parameter}`);
}
