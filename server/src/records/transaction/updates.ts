import { FhirError, errorIssue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { TypeSearch } from '../../fhir/search/ast.ts';
import type { OwnResources } from '../../store/conditional/ownResources.ts';
import { entriesAt, type Place } from './overlaps.ts';

interface Creating extends Place {
  search: TypeSearch;
  id: string;
}

/** What the updates and patches of a transaction will have written. */
export class Updates {
  readonly #resources: OwnResources;
  /** By `Type/id`. */
  readonly #places = new Map<string, Place>();
  readonly #creating: Creating[] = [];

  /** @param resources none, and no others than those of the updates and patches */
  constructor(resources: OwnResources) {
    this.#resources = resources;
  }

  /** @param read the resource, as far as its links are settled when it is first compared */
  add(place: Place, id: string, read: () => Resource): void {
    const { type } = place.operation;
    this.#resources.add(type, id, read);
    this.#places.set(`${type}/${id}`, place);
  }

  /** An update that creates what its criteria do not find. */
  creates(place: Place, id: string, search: TypeSearch): void {
    this.#creating.push({ ...place, id, search });
  }

  /** Ids of those that satisfy criteria. */
  matching(search: TypeSearch): string[] {
    return this.#resources.matching(search);
  }

  /**
   * Refuses to create what another update or patch makes of its own resource: they have no order among them, and one behind the
   * other they would have written one resource. To be called when all of them are known.
   *
   * @throws FhirError `incorrect` that names both entries
   */
  refuseSame(): void {
    if (this.#places.size < 2) return;
    for (const creating of this.#creating) {
      const { id, search } = creating;
      const other = this.matching(search).find((one) => one !== id);
      if (other !== undefined) throw same(creating, this.#places.get(`${search.type}/${other}`)!);
    }
  }
}

const same = (one: Place, other: Place) =>
  new FhirError('incorrect', [
    {
      ...errorIssue(
        'invalid',
        'The criteria of one entry fit what the other writes, so that both mean one resource: make one entry of them, or correct the criteria.',
      ),
      expression: entriesAt(one, other),
    },
  ]);
