import type { SearchParameterDefinition, SearchParameterType } from '../../../src/fhir/definitions/types.ts';
import { clausePair } from './clause.ts';
import { encodedAtRandom } from './encode.ts';
import { randomType } from './found.ts';
import type { Pair } from './parameter.ts';
import { plainParameters } from './parameters.ts';
import type { Query, Wrong } from './query.ts';
import { COUNT_ALL } from './results.ts';
import type { Source } from './source.ts';

/** Values that a type of parameter cannot read. */
const WRONG_VALUES: Readonly<Partial<Record<SearchParameterType, readonly string[]>>> = {
  date: [
    '2013-13',
    '13-01-01',
    'yesterday',
    '2013-02-30',
    '2013-01-14T25:00Z',
    'zz2013',
    '2013-01-14T10',
    '',
  ],
  number: ['five', '1,,2', '1e', '.5', 'zz5', '0x10', 'gt'],
  quantity: ['five', '5|http://unitsofmeasure.org|', '5|mg', '5|a|b|c', 'gt|a|b'],
  token: ['|', 'a|b|c', 'a,,b', 'a\\b', ''],
  string: ['', ' ', 'a\\', 'a,,b'],
  uri: ['', 'a b', 'a\\b'],
  reference: ['', 'Nonsense/1', 'Patient/', 'Patient/1/2', 'a b', '#contained'],
  composite: ['a', 'a$b$c$d', '$', 'a$'],
  special: ['1', '91|0', '0|181', '0|0|-1', '0|0|1|miles', 'a|b'],
};

/** Modifiers that a type of parameter does not take. */
const WRONG_MODIFIERS: Readonly<Partial<Record<SearchParameterType, readonly string[]>>> = {
  date: ['exact', 'not', 'contains', 'Patient'],
  number: ['exact', 'text'],
  quantity: ['above', 'not'],
  token: ['exact', 'contains', 'Patient'],
  string: ['not', 'text', 'of-type', 'above'],
  uri: ['exact', 'identifier', 'not'],
  reference: ['exact', 'contains', 'not', 'text', 'Nonsense'],
  composite: ['missing', 'exact'],
  special: ['missing', 'not'],
};

/** Well written, but known to no type. */
const UNKNOWN: readonly Pair[] = [
  ['nonsense', '1'],
  ['nonsense:exact', '1'],
  ['Name', 'x'],
  ['_nonsense', '1'],
  ['_id', ''],
  ['_id:exact', 'x'],
  ['_lastUpdated:exact', '2013'],
  ['_sort', 'nonsense'],
  ['_sort', '_score'],
  ['_include:recurse', 'Patient:organization'],
  ['_revinclude', 'Observation:nonsense'],
  ['_has:Observation:nonsense:code', 'x'],
  ['_has:Observation:patient:nonsense', 'x'],
  ['_query', 'x'],
  ['_elements', 'nonsense'],
  ['_type', 'Patient'],
];

/** Written wrongly, whatever the type. */
const MISWRITTEN: readonly Pair[] = [
  ['_id', 'a b'],
  ['_id', 'a,,b'],
  ['_lastUpdated', 'yesterday'],
  ['_lastUpdated', '2013-02-30'],
  ['_sort', '-'],
  ['_sort', '_id,,_lastUpdated'],
  ['_count', '-1'],
  ['_count', 'many'],
  ['_total', 'maybe'],
  ['_summary', 'maybe'],
  ['_include', 'Patient'],
  ['_include', 'Nonsense:x'],
  ['_has:Nonsense:patient:code', 'x'],
  ['_has:Observation:patient', 'x'],
  ['_filter', '('],
  ['_filter', 'nonsense eq 1'],
  ['_filter', '_id eq'],
  ['_filter', '_id is x'],
  ['_filter', '_id eq x)'],
  ['_list', 'a b'],
  ['_list', '$current-problems'],
  ['_text', ' '],
  ['.', 'x'],
  ['_tag:', 'x'],
];

/** A search with a part that cannot be used; asked leniently, the rest stays as a search. */
export function wrongQuery(source: Source): Query {
  const { random } = source;
  const type = randomType(source);
  const wrong = { ...wrongPart(source, type), isLenient: random.chance(0.5) };
  const rest = (random.chance(0.5) ? [clausePair(source, type)] : []).filter(
    // With a search by text there is a score to sort by.
    ([name]) => !['_text', '_content', '_filter'].includes(name),
  );
  const pairs = random.sample([...rest, wrong.pair], rest.length + 1);
  // A second _count would be another fault.
  const size: Pair[] = wrong.pair[0] === '_count' ? [] : [['_count', String(COUNT_ALL)]];
  const query = encodedAtRandom(random, [...pairs, ...size]);
  return { path: type, pairs, query, post: random.chance(0.2), wrong };
}

/** A pair that cannot be used on the type. */
function wrongPart(source: Source, type: string): Omit<Wrong, 'isLenient'> {
  const { random } = source;
  const parameter = random.pick(plainParameters(source, type));
  const unknown = (pair: Pair) => ({ pair, canBeLeftOut: true });
  const miswritten = (pair: Pair) => ({ pair, canBeLeftOut: pair[1] === '' });
  const modified = (modifier: string, value: string): Pair => [`${parameter.code}:${modifier}`, value];
  return random.weighted<() => Omit<Wrong, 'isLenient'>>([
    [40, () => miswritten([parameter.code, random.pick(WRONG_VALUES[parameter.type]!)])],
    [20, () => unknown(modified(random.pick(WRONG_MODIFIERS[parameter.type]!), 'a'))],
    [5, () => (NEVER_MISSING.has(parameter.type) ? unknown : miswritten)(modified('missing', 'maybe'))],
    [10, () => unknown(brokenChain(parameter))],
    [20, () => unknown(random.pick(UNKNOWN))],
    [20, () => miswritten(random.pick(MISWRITTEN))],
  ])();
}

/** Types of parameters that cannot be asked for with `:missing`. */
const NEVER_MISSING: ReadonlySet<SearchParameterType> = new Set(['composite', 'special']);

/** Goes on where nothing is referred to, or by what no target knows. */
function brokenChain({ code, type }: SearchParameterDefinition): Pair {
  return type === 'reference' ? [`${code}.nonsense`, 'x'] : [`${code}.name`, 'x'];
}
