import { faultAt, FilterScanner } from './scanner.ts';
import { type SearchFault, tooCostly } from '../faults.ts';
import { CHAIN_STEPS_MAX, FILTER_CHARS_MAX, FILTER_DEPTH_MAX, FILTER_TESTS_MAX } from '../limits.ts';
import { tooManySteps, type LeafName } from '../name.ts';
import { OPERATORS } from './operators.ts';
import type { Filter, FilterExpression, FilterName, FilterTest } from './syntax.ts';

const NAME = /[_A-Za-z][\w-]*/y;
const TYPE = /[A-Za-z]+/y;
/** A word ends where a name cannot go on: `not(` is the operator, `note` is a name. */
const NOT = /not(?=[\s(])/y;
const CONNECTIVE = /(?:and|or)(?=[\s(])/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const TOKEN = /[^\s)\]"][^\s)\]]*/y;

/**
 * The text of a `_filter` -> its syntax (http://hl7.org/fhir/R4/search_filter.html). `and` and `or` bind alike, from left to
 * right, as the specification says. Beyond its grammar, a path may name the type of a reference (`subject:Patient.name`)
 * and follow references backwards (`_has:Observation:patient:code`), as parameters do.
 *
 * @throws SearchFault that says at which character
 */
export function parseFilter(text: string): Filter {
  if (text.length > FILTER_CHARS_MAX)
    throw tooCostly(`_filter is longer than ${FILTER_CHARS_MAX} characters.`);
  return new FilterParser(text).parse();
}

class FilterParser {
  readonly #scanner: FilterScanner;
  readonly #tests = new Map<LeafName, FilterTest>();
  #depth = 0;

  constructor(text: string) {
    this.#scanner = new FilterScanner(text);
  }

  parse(): Filter {
    const expression = this.#expression(0);
    if (!this.#scanner.isAtEnd) this.#scanner.fail("here must stand 'and', 'or' or the end of the filter");
    return { expression, tests: this.#tests };
  }

  /** @param steps that the path has taken to the resource which is filtered here */
  #expression(steps: number): FilterExpression {
    let left = this.#term(steps);
    for (let joined = false; ; joined = true) {
      this.#scanner.skipSpace();
      const kind = this.#scanner.take(CONNECTIVE) as 'and' | 'or' | undefined;
      if (kind === undefined) return left;
      const right = this.#term(steps);
      // A list, not a tree, of as many as are joined alike; what stood in parentheses stays whole.
      if (joined && left.kind === kind) left.parts.push(right);
      else left = { kind, parts: [left, right] };
    }
  }

  #term(steps: number): FilterExpression {
    this.#scanner.skipSpace();
    if (this.#scanner.take(NOT) !== undefined) {
      this.#scanner.skipSpace();
      this.#scanner.expect(/\(/y, "'(' after 'not'");
      return { kind: 'not', inner: this.#nested(/\)/y, "')'", steps) };
    }
    if (this.#scanner.take(/\(/y) !== undefined) return this.#nested(/\)/y, "')'", steps);
    return this.#test(steps);
  }

  #nested(close: RegExp, closing: string, steps: number): FilterExpression {
    if (this.#depth >= FILTER_DEPTH_MAX) {
      throw this.#at(tooCostly(`parentheses and brackets are nested more than ${FILTER_DEPTH_MAX} deep.`));
    }
    this.#depth += 1;
    const expression = this.#expression(steps);
    this.#scanner.skipSpace();
    this.#scanner.expect(close, `'and', 'or' or ${closing}`);
    this.#depth -= 1;
    return expression;
  }

  #test(steps: number): FilterTest {
    const { at } = this.#scanner;
    const { name, leaf } = this.#path(steps);
    this.#scanner.expect(/\s+/y, 'a space and an operator');
    const operatorAt = this.#scanner.at;
    const operator = this.#scanner.take(/[^\s"()[\]]+/y) ?? '';
    if (!OPERATORS.includes(operator)) {
      this.#scanner.fail(`here must stand an operator: one of ${OPERATORS.join(', ')}`, operatorAt);
    }
    this.#scanner.expect(/\s+/y, 'a space and a value');
    const valueAt = this.#scanner.at;
    const value = this.#value();
    const test: FilterTest = { kind: 'test', at, name, operator, operatorAt, value, valueAt };
    this.#tests.set(leaf, test);
    if (this.#tests.size > FILTER_TESTS_MAX) {
      throw this.#at(tooCostly(`there are more than ${FILTER_TESTS_MAX} tests.`));
    }
    return test;
  }

  #path(steps: number): { name: FilterName; leaf: LeafName } {
    if (this.#scanner.take(/_has:/y) !== undefined) return this.#has(steps);
    const code = this.#scanner.expect(NAME, 'the name of a search parameter');
    const type = this.#scanner.take(/:/y) && this.#scanner.expect(TYPE, 'a resource type');
    const where = this.#scanner.take(/\[/y) && this.#nested(/\]/y, "']'", this.#stepFrom(steps));
    if (this.#scanner.take(/\./y) !== undefined) {
      const { name: rest, leaf } = this.#path(this.#stepFrom(steps));
      return {
        name: { kind: 'chain', code, ...(type && { targetType: type }), ...(where && { where }), rest },
        leaf,
      };
    }
    if (type !== undefined || where !== undefined) {
      this.#scanner.fail("here must stand '.' and what is tested of the resource referred to");
    }
    const leaf: LeafName = { kind: 'leaf', code };
    return { name: leaf, leaf };
  }

  #has(steps: number): { name: FilterName; leaf: LeafName } {
    const type = this.#scanner.expect(TYPE, 'the type that refers, as in _has:Observation:patient:code');
    this.#scanner.expect(/:/y, "':' and the reference, as in _has:Observation:patient:code");
    const code = this.#scanner.expect(NAME, 'a reference parameter, as in _has:Observation:patient:code');
    this.#scanner.expect(/:/y, "':' and what is tested, as in _has:Observation:patient:code");
    const { name: rest, leaf } = this.#path(this.#stepFrom(steps));
    return { name: { kind: 'has', type, code, rest }, leaf };
  }

  #stepFrom(steps: number): number {
    if (steps >= CHAIN_STEPS_MAX) throw this.#at(tooManySteps());
    return steps + 1;
  }

  #value(): string {
    const { at } = this.#scanner;
    const literal = this.#scanner.take(STRING);
    if (literal === undefined)
      return this.#scanner.expect(TOKEN, 'a value: a word, or a string in double quotes');
    const text = fromJson(literal);
    if (text === undefined) {
      this.#scanner.fail(
        'the string must be one of JSON: \\" for a quotation mark, \\\\ for a backslash',
        at,
      );
    }
    if (text === '') this.#scanner.fail('the string is empty: use pr to ask whether there is a value', at);
    return text;
  }

  #at(fault: SearchFault): SearchFault {
    return faultAt(this.#scanner.at, fault);
  }
}

/** The text of a JSON string; undefined when it is none, or one that PostgreSQL and UTF-8 have no form for. */
function fromJson(literal: string): string | undefined {
  try {
    const text = JSON.parse(literal) as string;
    return text.includes('\0') || !text.isWellFormed() ? undefined : text;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
