import { canonicalText } from '../../fhir/canonical.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { CodeSystemContent, Concept, ConceptFilter, Selection, SystemHeader } from '../model.ts';
import { readCodeSystem, string, type MutableConcept, type ReadCodeSystem } from './readCodeSystem.ts';

/** What a supplement says of the concepts of its code system (http://hl7.org/fhir/R4/codesystem.html#supplements). */
export interface Supplement {
  canonical: string;
  header: SystemHeader;
  concepts: ReadonlyMap<string, MutableConcept>;
}

/** A CodeSystem resource whose content is `supplement`. @throws FhirError `unprocessable` as {@link readCodeSystem} */
export function readSupplement(resource: JsonObject): Supplement {
  const { header, concepts } = readCodeSystem(resource);
  const version = string(resource.version);
  return {
    canonical: canonicalText({ url: header.url, ...(version !== undefined && { version }) }),
    header,
    concepts: new Map(concepts.map((concept) => [concept.code, concept])),
  };
}

/** Concepts that the code system has not are passed over. */
export const withSupplement = (
  { header, concepts }: ReadCodeSystem,
  supplement: Supplement,
): ReadCodeSystem => ({
  header: supplementedHeader(header, supplement),
  concepts: concepts.map((concept) => supplementedConcept(concept, supplement)),
});

const supplementedHeader = <T extends SystemHeader>(
  header: T,
  { header: added, canonical }: Supplement,
): T => ({
  ...header,
  properties: [...header.properties, ...added.properties],
  supplements: [...header.supplements, canonical],
});

function supplementedConcept<T extends Concept>(concept: T, { concepts, header, canonical }: Supplement): T {
  const more = concepts.get(concept.code);
  if (!more) return concept;
  const { language } = header;
  const display =
    more.display === undefined || more.display === concept.display
      ? []
      : [{ ...(language !== undefined && { language }), value: more.display, source: canonical }];
  return {
    ...concept,
    designations: [
      ...concept.designations,
      ...display,
      ...more.designations.map((one) => ({ ...one, source: canonical })),
    ],
    properties: [...concept.properties, ...more.properties.map((one) => ({ ...one, source: canonical }))],
    extensions: [...concept.extensions, ...more.extensions],
  };
}

/**
 * A code system that is a grammar, or whose concepts are in the database, with supplements. Filters and text filters go by what the
 * system has itself.
 */
export class SupplementedSystem implements CodeSystemContent {
  readonly header: SystemHeader;
  readonly #system: CodeSystemContent;
  readonly #supplements: readonly Supplement[];

  constructor(system: CodeSystemContent, supplements: readonly Supplement[]) {
    this.header = supplements.reduce<SystemHeader>(supplementedHeader, system.header);
    this.#system = system;
    this.#supplements = supplements;
  }

  async find(code: string): Promise<Concept | undefined> {
    const concept = await this.#system.find(code);
    return concept && this.#supplemented(concept);
  }

  async select(selection: Selection): Promise<Concept[]> {
    return (await this.#system.select(selection)).map((concept) => this.#supplemented(concept));
  }

  count(selection: Selection): Promise<number> {
    return this.#system.count(selection);
  }

  matches(concept: Concept, filters: readonly ConceptFilter[]): Promise<boolean> {
    return this.#system.matches(concept, filters);
  }

  subsumes(ancestor: Concept, descendant: Concept): Promise<boolean> {
    return this.#system.subsumes(ancestor, descendant);
  }

  #supplemented(concept: Concept): Concept {
    return this.#supplements.reduce<Concept>(supplementedConcept, concept);
  }
}
