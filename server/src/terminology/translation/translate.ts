import type { LibraryView } from '../resources/libraryView.ts';
import { Effort } from '../valueSets/effort.ts';
import { matchesIn, type Search } from './mapMatches.ts';
import { mapsFor } from './maps.ts';
import { addTo, type Match } from './match.ts';
import type { TranslateRequest } from './request.ts';

interface Part {
  name: string;
  [value: string]: unknown;
}

const NO_MATCH: ReadonlySet<string> = new Set(['unmatched', 'disjoint']);

/** `ConceptMap/$translate` (http://hl7.org/fhir/R4/conceptmap-operation-translate.html): the parameters of its answer. */
export async function translate(view: LibraryView, request: TranslateRequest): Promise<Part[]> {
  const matches: Match[] = [];
  const search: Search = { view, request, effort: new Effort() };
  for (const coding of request.codings) {
    for (const map of await mapsFor(view, request, coding)) {
      addTo(matches, await matchesIn(search, map, coding, 0));
    }
  }
  const isFound = matches.some(({ equivalence }) => !NO_MATCH.has(equivalence));
  const message = isFound ? [] : [{ name: 'message', valueString: noMatches(request) }];
  return [{ name: 'result', valueBoolean: isFound }, ...message, ...matches.map(matchPart)];
}

function noMatches({ codings }: TranslateRequest): string {
  const [first] = codings;
  return `No translations found${first ? ` for ${first.system ?? ''}#${first.code ?? ''}` : ''}.`;
}

function matchPart({ equivalence, concept, map, products }: Match): Part {
  return {
    name: 'match',
    part: [
      { name: 'equivalence', valueCode: equivalence },
      ...(concept ? [{ name: 'concept', valueCoding: concept }] : []),
      ...products.map(({ element, concept: product }) => ({
        name: 'product',
        part: [
          { name: 'element', valueUri: element },
          { name: 'concept', valueCoding: product },
        ],
      })),
      { name: 'source', valueUri: map },
    ],
  };
}
