import type { RecordSearch } from '../search.ts';
import { parseCriteria, type Criteria } from './criteria.ts';
import { fullUrlOf, isPlaceholder, linkKey } from './references.ts';
import { targetId, type Settled } from './settled.ts';
import type { TransactionOperation } from './types.ts';

/** What stands between the parts of a search value (http://hl7.org/fhir/R4/search.html#escaping). */
const SEPARATOR = /([,|$])/;

/** Query pairs with what placeholders in their values stand for. @param named a part of a value -> `Type/id` */
export function replacePlaceholders(
  pairs: readonly (readonly [string, string])[],
  named: (word: string) => string | undefined,
): [string, string][] {
  return pairs.map(([name, value]) => [
    name,
    value
      .split(SEPARATOR)
      .map((part) => named(part) ?? part)
      .join(''),
  ]);
}

/** The placeholders by which criteria refer to other entries of their bundle. */
export class Placeholders {
  /** fullUrl -> operation. */
  readonly #operations = new Map<string, number>();

  constructor(operations: readonly TransactionOperation[]) {
    operations.forEach((operation, i) => {
      const fullUrl = fullUrlOf(operation);
      if (fullUrl !== undefined && isPlaceholder(fullUrl)) this.#operations.set(fullUrl, i);
    });
  }

  /** Those in criteria. */
  in({ pairs }: Pick<Criteria, 'pairs'>): string[] {
    if (this.#operations.size === 0 || !pairs.some(([, value]) => /urn:/i.test(value))) return [];
    const words = new Set(pairs.flatMap(([, value]) => value.split(SEPARATOR)));
    return [...words].filter((word) => this.#operations.has(linkKey(word)));
  }

  /** Whether it is known what all of them stand for. */
  areSettled(placeholders: readonly string[], settled: readonly (Settled | undefined)[]): boolean {
    return placeholders.every((placeholder) => settled[this.#operationOf(placeholder)] !== undefined);
  }

  /** The criteria with what the placeholders stand for. @throws FhirError as {@link parseCriteria} */
  replaced(
    criteria: Criteria,
    placeholders: readonly string[],
    settled: readonly Settled[],
    operations: readonly TransactionOperation[],
    search: RecordSearch,
  ): Criteria {
    const names = new Map(
      placeholders.map((placeholder) => {
        const i = this.#operationOf(placeholder);
        return [placeholder, `${operations[i]!.type}/${targetId(settled[i]!)}`];
      }),
    );
    const pairs = replacePlaceholders(criteria.pairs, (word) => names.get(word));
    return parseCriteria(search, criteria.search.type, pairs);
  }

  #operationOf(placeholder: string): number {
    return this.#operations.get(linkKey(placeholder))!;
  }
}
