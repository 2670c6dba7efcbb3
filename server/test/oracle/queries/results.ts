import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Pair } from './parameter.ts';
import { hasValues, plainParameters } from './parameters.ts';
import type { Source } from './source.ts';

/** Larger than any world: all results stand in one page. */
export const COUNT_ALL = 1000;

const isSortable = ({ type, code }: SearchParameterDefinition): boolean =>
  !['composite', 'special'].includes(type) && code !== 'phonetic';

/** `_sort` by up to three keys of any type that has an order. @param first which must be one of them, if it can */
export function sortPair(source: Source, type: string, first?: SearchParameterDefinition): Pair {
  const { random } = source;
  const sortable = plainParameters(source, type).filter(isSortable);
  const used = sortable.filter((parameter) => hasValues(source, type, parameter));
  const codes = [...used, ...used, ...used, ...sortable].map(({ code }) => code);
  const others = random.sample(
    [...new Set([...random.sample(codes, 3), '_id', '_lastUpdated'])],
    1 + random.below(3),
  );
  const keys = first && isSortable(first) ? [...new Set([first.code, ...others.slice(1)])] : others;
  return ['_sort', keys.map((key) => (random.chance(0.5) ? `-${key}` : key)).join(',')];
}

/** `_total`, which is most often to be exact. */
export const totalPair = ({ random }: Source): Pair => [
  '_total',
  random.pick(['accurate', 'accurate', 'estimate', 'none']),
];

/** Some `_include` and `_revinclude` that can bring something along. */
export function includePairs(source: Source, type: string): Pair[] {
  const { random } = source;
  const pairs = Array.from({ length: 1 + random.below(3) }, () =>
    (random.chance(0.55) ? includePair : revincludePair)(source, type),
  );
  return pairs.filter((pair) => pair !== undefined);
}

function includePair(source: Source, type: string): Pair | undefined {
  const { random } = source;
  const all = random.chance(0.2) ? '_include:iterate' : '_include';
  if (random.chance(0.08)) return [all, random.pick(['*', `${type}:*`])];
  const iterates = random.chance(0.3);
  const from = iterates ? random.pick(source.types) : type;
  const links = source.links(from);
  if (links.length === 0) return undefined;
  const { parameter: link, targets } = random.pick(links);
  const target = random.chance(0.3) ? `:${random.pick(targets)}` : '';
  return [iterates ? '_include:iterate' : '_include', `${from}:${link.code}${target}`];
}

function revincludePair(source: Source, type: string): Pair | undefined {
  const { random } = source;
  const iterates = random.chance(0.2);
  if (random.chance(0.08)) return ['_revinclude', random.pick(['*', `${random.pick(source.types)}:*`])];
  const to = iterates ? random.pick(source.types) : type;
  const links = source.types.flatMap((from) =>
    source
      .links(from)
      .filter(({ targets }) => targets.includes(to))
      .map(({ parameter }) => `${from}:${parameter.code}`),
  );
  if (links.length === 0) return undefined;
  const target = random.chance(0.3) ? `:${to}` : '';
  return [iterates ? '_revinclude:iterate' : '_revinclude', random.pick(links) + target];
}
