import type { Condition } from '../ast.ts';
import type { SearchContext } from '../contract.ts';
import { SearchFault } from '../faults.ts';
import { onEachType } from '../onEachType.ts';
import { NameResolver, type Resolved } from '../resolve.ts';
import type { SearchTypes } from '../scope.ts';
import { additionalCondition } from './additional.ts';
import { parseFilter } from './parseFilter.ts';
import { located } from './scanner.ts';
import type { Filter, FilterExpression } from './syntax.ts';
import { testCondition } from './testCondition.ts';

/**
 * What a `_filter` means on each of the types that are searched.
 *
 * @throws SearchFault of the kind `wrong`: a filter is one question, of which nothing can be left out
 */
export function readFilter(context: SearchContext, types: SearchTypes, text: string): Map<string, Condition> {
  try {
    return new FilterReader(context, parseFilter(text)).read(types);
  } catch (error) {
    if (error instanceof SearchFault) throw new SearchFault('wrong', error.code, error.message);
    throw error;
  }
}

class FilterReader {
  readonly #context: SearchContext;
  readonly #filter: Filter;
  readonly #resolver: NameResolver<FilterExpression>;

  constructor(context: SearchContext, filter: Filter) {
    this.#context = context;
    this.#filter = filter;
    this.#resolver = new NameResolver(context, {
      leaf: (type, leaf, code) => testCondition(context, type, code, filter.tests.get(leaf)!),
      where: (type, where) => this.#onType(type, where),
      other: (type, chain) => additionalCondition(context, type, chain, filter.tests),
    });
  }

  read(types: SearchTypes): Map<string, Condition> {
    return this.#onTypes(types, this.#filter.expression);
  }

  #onTypes(types: SearchTypes, expression: FilterExpression): Map<string, Condition> {
    if (expression.kind === 'test') {
      return located(expression.at, () =>
        onEachType(this.#context, types, expression.name, (type) =>
          this.#resolver.resolve(type, expression.name),
        ),
      );
    }
    if (expression.kind === 'not') {
      const inner = this.#onTypes(types, expression.inner);
      return new Map([...inner].map(([type, condition]) => [type, { kind: 'not', condition }]));
    }
    const parts = expression.parts.map((part) => this.#onTypes(types, part));
    return new Map(
      types.types.map((type) => [
        type,
        { kind: expression.kind, conditions: parts.map((part) => part.get(type)!) } as Condition,
      ]),
    );
  }

  /** In the brackets of a step, on one of the types that the step leads to. */
  #onType(type: string, expression: FilterExpression): Resolved {
    if (expression.kind === 'test') {
      return located(expression.at, () => this.#resolver.resolve(type, expression.name));
    }
    if (expression.kind === 'not') {
      const { condition, tests } = this.#onType(type, expression.inner);
      return { condition: { kind: 'not', condition }, tests };
    }
    const parts = expression.parts.map((part) => this.#onType(type, part));
    return {
      condition: { kind: expression.kind, conditions: parts.map((part) => part.condition) },
      tests: parts.reduce((sum, part) => sum + part.tests, 0),
    };
  }
}
