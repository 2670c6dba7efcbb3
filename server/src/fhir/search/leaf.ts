import type { SearchParameterDefinition } from '../definitions/types.ts';
import type { Condition } from './ast.ts';
import { aroundReference, urlCondition } from './canonical.ts';
import { COMMON } from './common.ts';
import type { SearchContext } from './contract.ts';
import { SearchFault, quoted, readValue, tooCostly, unusable, wrong } from './faults.ts';
import { VALUES_MAX } from './limits.ts';
import { hasMimeTypes, mimeTypeOf } from './mimeTypes.ts';
import { checkModifier } from './modifiers.ts';
import type { LeafName } from './name.ts';
import { requireSupport, searchParameter } from './parameters.ts';
import { splitUnescaped } from './split.ts';
import { compositeParts, parseComposite } from './values/composite.ts';
import { parseDate } from './values/date.ts';
import { parseNear } from './values/near.ts';
import { parseNumber } from './values/number.ts';
import { parseQuantity } from './values/quantity.ts';
import { parseReference } from './values/reference.ts';
import { parseString } from './values/string.ts';
import { parseOfType, parseToken } from './values/token.ts';
import { parseUri, parseUrl } from './values/uri.ts';

/** The one special parameter of R4 with an expression. */
const NEAR = 'near';

/**
 * Reads the values of a parameter on one type after another. What does not depend on the type is read once: the
 * parameters of all resources are met on every one of them.
 *
 * @param name the parameter's whole name as sent, for texts
 */
export class LeafReader {
  readonly #context: SearchContext;
  readonly #name: string;
  readonly #text: string;
  readonly #read = new Map<SearchParameterDefinition, Condition>();
  #values: string[] | undefined;

  constructor(context: SearchContext, name: string, text: string) {
    this.#context = context;
    this.#name = name;
    this.#text = text;
  }

  /** What the parameter with these values means on a type. @throws SearchFault */
  condition(type: string, { code, modifier }: LeafName): Condition {
    const common = COMMON.get(code);
    if (common) {
      const each = <T>(read: (text: string) => T) => this.#each(read);
      return common(this.#context, type, modifier, { each, missing: () => this.#missing() });
    }
    const parameter = searchParameter(this.#context, type, code);
    const checked = checkModifier(this.#context, type, parameter, modifier);
    requireSupport(this.#context, type, parameter, checked.modifier);
    let condition = this.#read.get(parameter);
    if (condition) return condition;
    condition = this.#condition(type, parameter, checked);
    if (!isOfType(condition)) this.#read.set(parameter, condition);
    return condition;
  }

  #condition(
    type: string,
    parameter: SearchParameterDefinition,
    { modifier, targetType }: { modifier?: string; targetType?: string },
  ): Condition {
    if (modifier === 'missing') return { kind: 'missing', parameter, missing: this.#missing() };
    const { definitions } = this.#context;
    switch (parameter.type) {
      case 'string': {
        const match = modifier === 'exact' || modifier === 'contains' ? modifier : 'starts-with';
        return { kind: 'string', parameter, match, values: this.#each(parseString) };
      }
      case 'token':
        return this.#token(type, parameter, modifier);
      case 'reference': {
        if (modifier === 'identifier') {
          return { kind: 'reference-identifier', parameter, tokens: this.#each(parseToken) };
        }
        const references = this.#each((text) => parseReference(definitions, parameter, text, targetType));
        if (modifier === 'above' || modifier === 'below') {
          return aroundReference(this.#context, type, parameter, modifier, references);
        }
        return { kind: 'reference', parameter, references };
      }
      case 'uri': {
        if (modifier === 'above' || modifier === 'below') {
          return { kind: 'uri', parameter, match: modifier, uris: this.#each(parseUrl) };
        }
        return urlCondition(this.#context, type, parameter, this.#each(parseUri));
      }
      case 'date':
        return { kind: 'date', parameter, comparisons: this.#each(parseDate) };
      case 'number':
        return { kind: 'number', parameter, comparisons: this.#each(parseNumber) };
      case 'quantity':
        return { kind: 'quantity', parameter, quantities: this.#each(parseQuantity) };
      case 'composite': {
        const parts = compositeParts(definitions, parameter);
        if (!parts) throw unusable(`The parts of the composite '${parameter.code}' are not defined here.`);
        return {
          kind: 'composite',
          parameter,
          values: this.#each((text) => parseComposite(definitions, parts, text)),
        };
      }
      case 'special':
        if (parameter.code !== NEAR) {
          throw unusable(`The special parameter '${parameter.code}' of ${type} has no meaning here.`);
        }
        return { kind: 'near', parameter, places: this.#each(parseNear) };
    }
  }

  #token(type: string, parameter: SearchParameterDefinition, modifier: string | undefined): Condition {
    const { definitions } = this.#context;
    if (modifier === 'text') {
      return { kind: 'token-text', parameter, match: 'starts-with', texts: this.#each(parseString) };
    }
    if (modifier === 'of-type') return { kind: 'of-type', parameter, values: this.#each(parseOfType) };
    if (modifier === 'below' && hasMimeTypes(definitions, type, parameter)) {
      const uris = this.#each((text) => mimeTypeOf(parseToken(text)));
      return { kind: 'uri', parameter, match: 'mime-below', uris };
    }
    if (modifier === 'above' || modifier === 'below') {
      const tokens = this.#each(parseToken);
      return { kind: 'token-hierarchy', parameter, name: this.#name, direction: modifier, tokens };
    }
    const isIn = modifier === 'in' || modifier === 'not-in';
    const condition: Condition = isIn
      ? { kind: 'token-in', parameter, name: this.#name, valueSets: this.#each(parseUri) }
      : { kind: 'token', parameter, tokens: this.#each(parseToken) };
    return modifier === 'not' || modifier === 'not-in' ? { kind: 'not', condition } : condition;
  }

  #missing(): boolean {
    if (this.#text === 'true' || this.#text === 'false') return this.#text === 'true';
    throw wrong(`${quoted(this.#name)} takes true (there is no value) or false (there is one).`);
  }

  #each<T>(read: (text: string) => T): T[] {
    const values = (this.#values ??= this.#split());
    const whose = `of ${quoted(this.#name)}`;
    return values.map((text, i) =>
      readValue(values.length === 1 ? `The value ${whose}` : `Value ${i + 1} ${whose}`, () => read(text)),
    );
  }

  #split(): string[] {
    if (this.#text === '') {
      throw new SearchFault(
        'unusable',
        'invalid',
        `The search parameter ${quoted(this.#name)} has an empty value: give a value, or leave the parameter out.`,
      );
    }
    const values = splitUnescaped(this.#text, ',');
    if (values.length > VALUES_MAX) {
      throw tooCostly(
        `${quoted(this.#name)} has more than ${VALUES_MAX} values: split the search into several.`,
      );
    }
    const empty = values.indexOf('');
    if (empty >= 0) {
      throw wrong(
        `Value ${empty + 1} of ${quoted(this.#name)} is empty: leave out a comma that separates nothing.`,
      );
    }
    return values;
  }
}

/** Whether the condition asks for more than its parameter, which types may share: for a hierarchy, or for the version of the type. */
function isOfType({ kind }: Condition): boolean {
  return kind === 'reference-hierarchy' || kind === 'and' || kind === 'or';
}
