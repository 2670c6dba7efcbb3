import type { Definitions } from '../../fhir/definitions/types.ts';
import { FhirError, fhirError } from '../../fhir/outcome.ts';
import type { Projection, Projector, View } from '../../fhir/projection/projection.ts';
import type { SummaryMode } from '../../fhir/search/ast.ts';
import { SearchFault, faultIssue } from '../../fhir/search/faults.ts';
import { parseChoice } from '../../fhir/search/results/choice.ts';
import { parseElements } from '../../fhir/search/results/elements.ts';

const SUMMARIES: readonly Exclude<SummaryMode, 'count'>[] = ['true', 'text', 'data', 'false'];

/** Names of the parameters that {@link viewOfQuery} reads. */
export const VIEW_PARAMETERS: ReadonlySet<string> = new Set(['_summary', '_elements']);

/** What is shown of the resources of a searchset; absent: all of them. */
export interface Projectors {
  ofMatches?: Projector;
  ofIncluded?: Projector;
}

/** What a search wants of its resources: `_elements` are those of matches only (http://hl7.org/fhir/R4/search.html#elements). */
export function projectorsOf(
  projection: Projection,
  { summary, elements }: { summary?: SummaryMode; elements?: readonly string[] },
): Projectors {
  if (elements !== undefined) return { ofMatches: projection.of({ elements }) };
  if (summary === undefined || summary === 'false' || summary === 'count') return {};
  const projector = projection.of({ summary });
  return { ofMatches: projector, ofIncluded: projector };
}

/** Reads `_summary` and `_elements` of interactions that are no search. */
export class Views {
  readonly #definitions: Definitions;
  readonly #projection: Projection;

  constructor(definitions: Definitions, projection: Projection) {
    this.#definitions = definitions;
    this.#projection = projection;
  }

  /**
   * What the query wants of a resource (http://hl7.org/fhir/R4/http.html#general); undefined: all of it.
   *
   * @param type resource type of the answer; absent: any
   * @throws FhirError `incorrect` on a value that cannot be used
   */
  ofQuery(query: readonly (readonly [string, string])[], type: string | undefined): Projector | undefined {
    const chosen = query.filter(([name]) => VIEW_PARAMETERS.has(name));
    if (chosen.length === 0) return undefined;
    if (chosen.length > 1) {
      const text = 'Give one of _summary and _elements, and give it once.';
      throw fhirError('incorrect', 'invalid', text, `http.${chosen[1]![0]}`);
    }
    const view = this.#read(chosen[0]!, type);
    return view && this.#projection.of(view);
  }

  #read([name, value]: readonly [string, string], type: string | undefined): View | undefined {
    try {
      if (name === '_elements') {
        const types = type === undefined ? this.#definitions.resourceTypes : [type];
        return { elements: parseElements(this.#definitions, types, value) };
      }
      const summary = parseChoice(name, value, SUMMARIES);
      return summary === 'false' ? undefined : { summary };
    } catch (error) {
      throw error instanceof SearchFault ? new FhirError('incorrect', [faultIssue(error, name)]) : error;
    }
  }
}
