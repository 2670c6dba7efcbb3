import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Random } from '../data/random.ts';
import type { Typed } from '../evaluate/paths.ts';
import { hierarchiesOf } from '../evaluate/references.ts';
import { hasTexts } from '../evaluate/tokens.ts';
import { object } from '../evaluate/world.ts';
import type { Source } from './source.ts';
import { dateText } from './values/date.ts';
import { nearText } from './values/near.ts';
import { numberText } from './values/number.ts';
import { quantityText } from './values/quantity.ts';
import { referenceText } from './values/reference.ts';
import { stringText, wordText } from './values/string.ts';
import { ofTypeText, tokenText, tokenTextText } from './values/token.ts';
import { uriText } from './values/uri.ts';

/** `name=value`, neither percent-encoded. */
export type Pair = [name: string, value: string];

const NOTHING: Typed = { type: 'string', value: 'nothing' };

/** A random search by one parameter of a type: with a modifier, or not, and with one value or several. */
export function parameterPair(source: Source, type: string, parameter: SearchParameterDefinition): Pair {
  const { random } = source;
  const modifier = modifierOf(source, type, parameter);
  const name = modifier === undefined ? parameter.code : `${parameter.code}:${modifier}`;
  if (modifier === 'missing') return [name, random.pick(['true', 'false'])];
  const count =
    modifier === 'above' || modifier === 'below'
      ? 1
      : random.weighted([
          [75, 1],
          [15, 2],
          [10, 3],
        ]);
  const values = Array.from({ length: count }, () => valueText(source, type, parameter, modifier));
  return [name, values.join(',')];
}

function modifierOf(source: Source, type: string, parameter: SearchParameterDefinition): string | undefined {
  const { random } = source;
  const none = [60, undefined] as const;
  const missing = [10, 'missing'] as const;
  switch (parameter.type) {
    case 'string':
      return parameter.code === 'phonetic'
        ? undefined
        : random.weighted([none, missing, [20, 'exact'], [20, 'contains']]);
    case 'token': {
      const has = (wanted: string) => source.values(type, parameter).some((typed) => typed.type === wanted);
      const ofType = has('Identifier') ? 20 : 0;
      const text = source.values(type, parameter).some(hasTexts) ? 12 : 0;
      return random.weighted([none, missing, [15, 'not'], [text, 'text'], [ofType, 'of-type']]);
    }
    case 'reference': {
      const isReference = source.values(type, parameter).some((typed) => typed.type === 'Reference');
      const targets = source.types.filter((target) => parameter.target?.includes(target));
      const hierarchy = hierarchies(source, type, parameter).length > 0 ? 20 : 0;
      return random.weighted([
        none,
        missing,
        [isReference && targets.length > 0 ? 15 : 0, targets.length > 0 ? random.pick(targets) : undefined],
        [isReference ? 8 : 0, 'identifier'],
        [hierarchy, 'below'],
        [hierarchy, 'above'],
      ]);
    }
    case 'uri':
      return random.weighted([none, missing, [20, 'below'], [15, 'above']]);
    case 'composite':
    case 'special':
      return undefined;
    default:
      return random.weighted([none, missing]);
  }
}

/** One value, most often one that some resource of the type has. */
export function valueText(
  source: Source,
  type: string,
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
): string {
  const { random } = source;
  if (parameter.type === 'composite') return compositeText(source, type, parameter);
  const typed = random.pick(orNothing(source.values(type, parameter).filter(fitting(modifier))));
  return partText(source, type, parameter, typed, modifier);
}

/** Which values can be found with a modifier at all. */
function fitting(modifier: string | undefined): (typed: Typed) => boolean {
  if (modifier === 'identifier') return ({ value }) => object(value)?.identifier !== undefined;
  if (modifier === 'of-type') return ({ value }) => object(value)?.type !== undefined;
  return () => true;
}

const orNothing = <T>(values: readonly T[]): readonly (T | Typed)[] =>
  values.length > 0 ? values : [NOTHING];

function partText(
  source: Source,
  type: string,
  parameter: SearchParameterDefinition,
  typed: Typed,
  modifier: string | undefined,
  inComposite = false,
): string {
  const { random } = source;
  switch (parameter.type) {
    case 'string':
      return parameter.code === 'phonetic' ? wordText(random, typed) : stringText(random, typed, modifier);
    case 'token':
      if (modifier === 'text') return tokenTextText(random, typed);
      return modifier === 'of-type' ? ofTypeText(random, typed) : tokenText(random, typed, !inComposite);
    case 'reference':
      if (modifier === 'identifier') return identifierText(random, typed);
      if (modifier === 'above' || modifier === 'below') return hierarchyText(source, type, parameter);
      return referenceText(source, parameter, typed, modifier);
    case 'uri':
      return uriText(random, typed, modifier);
    case 'date':
      return dateText(random, typed);
    case 'number':
      return numberText(random, typed);
    case 'quantity':
      return quantityText(random, typed);
    case 'special':
      return nearText(random);
    case 'composite':
      throw new Error('A composite cannot be a part of another');
  }
}

function identifierText(random: Random, { value }: Typed): string {
  return tokenText(random, { type: 'Identifier', value: object(value)?.identifier ?? { value: '1' } });
}

function hierarchyText(source: Source, type: string, parameter: SearchParameterDefinition): string {
  const hierarchy = source.random.pick(hierarchies(source, type, parameter));
  const id = source.random.pick(source.context.world.ofType(hierarchy)).id;
  return `${hierarchy}/${id}`;
}

/** The types of which there are resources, and in whose hierarchy the parameter may be asked. */
function hierarchies(
  { context, types }: Source,
  type: string,
  parameter: SearchParameterDefinition,
): string[] {
  return hierarchiesOf(context, type, parameter)
    .map((hierarchy) => hierarchy.type)
    .filter((one) => types.includes(one));
}

/** The parts of one place, some of them replaced. */
function compositeText(source: Source, type: string, parameter: SearchParameterDefinition): string {
  const { random, context } = source;
  const components = context.values.components(parameter);
  const whole = source.composites(type, parameter).filter((parts) => parts.every((part) => part.length > 0));
  const parts = whole.length > 0 ? random.pick(whole) : components.map(() => []);
  return components
    .map((component, i) => {
      const other = random.chance(0.15) && whole.length > 0 ? random.pick(whole)[i]! : parts[i]!;
      return partText(source, type, component, random.pick(orNothing(other)), undefined, true);
    })
    .join('$');
}
