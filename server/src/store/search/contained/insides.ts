import { FhirError, fhirError } from '../../../fhir/outcome.ts';
import { parseExact } from '../../../fhir/json/parse.ts';
import type { TypeSearch } from '../../../fhir/search/ast.ts';
import { ContainedTypes } from '../../index/containedTypes.ts';
import type { IndexRows, Indexer } from '../../index/rows.ts';
import { asObject, asText, items } from '../../index/values/json.ts';
import type { FoundResource } from '../found.ts';
import type { Matcher, MatchContext } from '../match/candidate.ts';
import { matcherOf } from '../match/matcher.ts';
import type { Container } from './containers.ts';

type Typed = { resourceType: string };

/** A container whose content was parsed. */
export interface Opened {
  container: Container;
  resource: Typed;
  inside: ContainedTypes;
}

/** Contained resources that are compared before others get their turn: a few milliseconds. */
const COMPARED_AT_ONCE = 200;

/** Decides which contained resources satisfy a search. */
export class Insides {
  readonly #indexer: Indexer;
  readonly #matchers: ReadonlyMap<string, Matcher[]>;
  /** How many contained resources were compared. */
  compared = 0;

  /** @throws FhirError `incorrect` for a search that asks for too much */
  constructor(indexer: Indexer, shared: Omit<MatchContext, 'type'>, searches: readonly TypeSearch[]) {
    this.#indexer = indexer;
    this.#matchers = new Map(
      searches.map(({ type, conditions }) => [
        type,
        conditions.map((condition) => matcherOf({ ...shared, type }, condition)),
      ]),
    );
  }

  open(container: Container): Opened {
    const resource = JSON.parse(container.content) as Typed;
    return { container, resource, inside: new ContainedTypes(resource) };
  }

  /** Places in `contained` of those that match, in their order. @param turn lets others have theirs */
  async matching(opened: Opened, turn: () => Promise<void>): Promise<number[]> {
    const places: number[] = [];
    for (const [i, inner] of contained(opened.resource).entries()) {
      if (this.#matches(opened, inner)) places.push(i);
      if (i % COMPARED_AT_ONCE === COMPARED_AT_ONCE - 1) await turn();
    }
    return places;
  }

  /** Whether the container is itself a match, as an ordinary resource. */
  isMatch({ container, resource }: Opened): boolean {
    const matchers = this.#matchers.get(container.type);
    if (!matchers) return false;
    const candidate = { id: container.id, isContained: false, resource, rows: this.#indexer.index(resource) };
    return matchers.every((matches) => matches(candidate));
  }

  #matches({ container, inside }: Opened, inner: unknown): boolean {
    const object = asObject(inner);
    const type = asText(object?.['resourceType']);
    const matchers = type === undefined ? undefined : this.#matchers.get(type);
    if (!matchers) return false;
    this.compared++;
    const rows = this.#rows(container, inner as Typed, inside);
    const candidate = { id: asText(object?.['id']), isContained: true, resource: inner, rows };
    return matchers.every((matches) => matches(candidate));
  }

  /** What was written was indexed as a whole only, so that a contained resource may turn out now to have too much in it. */
  #rows(container: Container, inner: Typed, inside: ContainedTypes): IndexRows {
    try {
      return this.#indexer.index(inner, inside);
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      const text = `${container.type}/${container.id} contains what cannot be searched, so the search has no whole answer: ${error.message}`;
      throw fhirError('unprocessable', 'too-costly', text);
    }
  }
}

/** Contained resources as matches of their own, every number as it is written. */
export function extractor({ type, id, content }: Container): (inside: number) => FoundResource {
  const all = contained(parseExact(content));
  return (inside) => {
    const { resourceType, id: innerId } = asObject(all[inside])!;
    return {
      type: resourceType as string,
      id: asText(innerId) ?? '',
      content: JSON.stringify(all[inside]),
      containedIn: { type, id },
    };
  };
}

const contained = (resource: unknown) => items(asObject(resource)?.['contained']);
