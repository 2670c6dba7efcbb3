import type { SearchParameterDefinition, SearchParameterType } from '../../../src/fhir/definitions/types.ts';
import type { Pair } from './parameter.ts';
import { plainParameters } from './parameters.ts';
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

/** Pairs that are wrong on every type. */
const ALWAYS_WRONG: readonly Pair[] = [
  ['nonsense', '1'],
  ['Name', 'x'],
  ['_nonsense', '1'],
  ['_id', ''],
  ['_id', 'a b'],
  ['_lastUpdated', 'yesterday'],
  ['_lastUpdated:exact', '2013'],
  ['_sort', 'nonsense'],
  ['_sort', '-'],
  ['_sort', '_id,,_lastUpdated'],
  ['_sort', '_score'],
  ['_count', '-1'],
  ['_count', 'many'],
  ['_total', 'maybe'],
  ['_summary', 'maybe'],
  ['_include', 'Nonsense:x'],
  ['_include', 'Patient'],
  ['_include:recurse', 'Patient:organization'],
  ['_revinclude', 'Observation:nonsense'],
  ['_has:Observation:patient', 'x'],
  ['_has:Nonsense:patient:code', 'x'],
  ['_has:Observation:code:code', 'x'],
  ['_filter', '('],
  ['_filter', 'nonsense eq 1'],
  ['_filter', '_id eq'],
  ['_filter', '_id is x'],
  ['_filter', '_id eq x)'],
  ['_list', 'a b'],
  ['_list', '$current-problems'],
  ['_text', ' '],
  ['_query', 'x'],
  ['_elements', 'nonsense'],
  ['.', 'x'],
  ['_tag:', 'x'],
];

/** A pair that makes a search on the type wrong, whatever else it asks. */
export function wrongPair(source: Source, type: string): Pair {
  const { random } = source;
  const parameter = random.pick(plainParameters(source, type));
  return random.weighted<() => Pair>([
    [40, () => [parameter.code, random.pick(WRONG_VALUES[parameter.type]!)]],
    [20, () => [`${parameter.code}:${random.pick(WRONG_MODIFIERS[parameter.type]!)}`, 'a']],
    [10, () => [`${parameter.code}:missing`, 'maybe']],
    [10, () => brokenChain(parameter)],
    [30, () => random.pick(ALWAYS_WRONG)],
  ])();
}

/** Goes on where nothing is referred to, or by what no target knows. */
function brokenChain({ code, type }: SearchParameterDefinition): Pair {
  return type === 'reference' ? [`${code}.nonsense`, 'x'] : [`${code}.name`, 'x'];
}
