import type { SearchParameterDefinition, SearchParameterType } from '../../../src/fhir/definitions/types.ts';
import { WORDS } from '../data/pools.ts';
import { lastUpdatedOf } from '../evaluate/special.ts';
import { list, type Stored } from '../evaluate/world.ts';
import { filterText } from './filter.ts';
import { parameterPair, type Pair } from './parameter.ts';
import { hasValues, plainParameters } from './parameters.ts';
import { reached, withoutWitness, witnessed, type Source } from './source.ts';
import { prefix } from './values/prefix.ts';

/** Most steps of chains and `_has` from the type searched to the type tested. */
const STEPS_MAX = 4;
/** What a chain that names no type may lead to; R4 wants clients to name the type where there are many. */
const OPEN_TARGETS_MAX = 12;

/** A random condition on resources of a type. */
export function clausePair(source: Source, type: string, steps = 0): Pair {
  const { random } = source;
  const isFar = steps >= STEPS_MAX;
  const make = random.weighted<(source: Source, type: string, steps: number) => Pair | undefined>([
    [60, plainPair],
    [isFar ? 0 : steps > 0 ? 26 : 16, chainPair],
    [isFar ? 0 : steps > 0 ? 16 : 10, hasPair],
    [4, idPair],
    [4, lastUpdatedPair],
    [steps === 0 ? 3 : 0, listPair],
    [steps === 0 ? 3 : 0, textPair],
    [steps === 0 ? 8 : 0, filterPair],
  ]);
  return make(source, type, steps) ?? plainPair(source, type);
}

/** How often each type of parameter is asked: tokens are most of them, but not most of what can go wrong. */
const KINDS: readonly (readonly [weight: number, type: SearchParameterType])[] = [
  [26, 'token'],
  [14, 'reference'],
  [12, 'string'],
  [14, 'date'],
  [16, 'quantity'],
  [8, 'uri'],
  [20, 'number'],
  [16, 'composite'],
  [25, 'special'],
];

/** A condition by one parameter of the type itself, most often one that has values. */
function plainPair(source: Source, type: string): Pair {
  const { random } = source;
  const parameters = plainParameters(source, type);
  const used = parameters.filter((parameter) => hasValues(source, type, parameter));
  const some = used.length > 0 && random.chance(0.95) ? used : parameters;
  const kind = random.weighted(KINDS.filter(([, one]) => some.some((parameter) => parameter.type === one)));
  return parameterPair(source, type, random.pick(some.filter((parameter) => parameter.type === kind)));
}

function chainPair(source: Source, type: string, steps: number): Pair | undefined {
  const { random } = source;
  const links = source.links(type);
  if (links.length === 0) return undefined;
  const { parameter: link, targets } = random.pick(links);
  const target = random.pick(targets);
  const { witness } = source;
  const others = witness ? reached(source, witness, link).filter((one) => one.type === target) : [];
  const [name, value] = clausePair(from(source, others), target, steps + 1);
  const isOpen = random.chance(0.4) && canStayOpen(source, link, name);
  return [isOpen ? `${link.code}.${name}` : `${link.code}:${target}.${name}`, value];
}

/** Without a type, the rest must mean the same on each type that it is known on, and name no type of its own. */
function canStayOpen({ context }: Source, link: SearchParameterDefinition, rest: string): boolean {
  const targets = link.target ?? [];
  const [code = '', modifier = ''] = rest.split(':');
  if (
    targets.length > OPEN_TARGETS_MAX ||
    /[.]|^_|^[^:]*:[A-Z]/.test(rest) ||
    ['above', 'below'].includes(modifier)
  ) {
    return false;
  }
  const found = targets.map((target) => context.definitions.searchParameter(target, code));
  const kinds = new Set(found.flatMap((parameter) => (parameter ? [parameter.type] : [])));
  return kinds.size === 1 && !kinds.has('reference') && !kinds.has('composite') && modifier !== 'of-type';
}

function hasPair(source: Source, type: string, steps: number): Pair | undefined {
  const { random, witness } = source;
  const live = witness ? source.referrers(witness) : [];
  if (live.length > 0) {
    const { one, parameter } = random.pick(live);
    const [name, value] = clausePair(from(source, [one]), one.type, steps + 1);
    return [`_has:${one.type}:${parameter.code}:${name}`, value];
  }
  const links = source.types.flatMap((referrer) =>
    withoutWitness(source)
      .links(referrer)
      .filter(({ targets }) => targets.includes(type))
      .map(({ parameter }) => ({ type: referrer, code: parameter.code })),
  );
  if (links.length === 0) return undefined;
  const link = random.pick(links);
  const [name, value] = clausePair(withoutWitness(source), link.type, steps + 1);
  return [`_has:${link.type}:${link.code}:${name}`, value];
}

/** Values of one of the resources, where there is one. */
const from = (source: Source, witnesses: readonly Stored[]): Source =>
  witnesses.length > 0
    ? witnessed(withoutWitness(source), source.random.pick(witnesses))
    : withoutWitness(source);

function idPair({ random, context, witness }: Source, type: string): Pair {
  const ids = context.world.ofType(type).map(({ id }) => id);
  const own = witness && random.chance(0.7) ? [witness.id] : [];
  const some = [...own, ...random.sample(ids, 1 + random.below(3)), ...(random.chance(0.3) ? ['x0'] : [])];
  return [random.chance(0.2) ? '_id:not' : '_id', some.join(',')];
}

/** Without `ap`: the resources are so new that a tenth of their age changes while the query is on its way. */
function lastUpdatedPair({ random, context, witness }: Source): Pair {
  const one = () => {
    const written = lastUpdatedOf(witness ?? random.pick(context.world.resources));
    const asked = random.pick([written, written.replace(/\.\d+/, ''), written.slice(0, 10), '2020', '2100']);
    return prefix(random).replace('ap', 'ge') + asked;
  };
  return ['_lastUpdated', random.chance(0.15) ? `${one()},${one()}` : one()];
}

/** Most often a List that names resources of the type. */
function listPair({ random, context, witness }: Source, type: string): Pair {
  const lists = context.world.ofType('List');
  const naming = lists.filter((one) =>
    list(one.resource.entry).some((entry) => JSON.stringify(entry).includes(`${type}/${witness?.id ?? ''}`)),
  );
  const ids = random.sample(naming.length > 0 && random.chance(0.8) ? naming : lists, 1 + random.below(2));
  return ['_list', ids.map(({ id }) => id).join(',') || 'none'];
}

function textPair({ random, context }: Source, type: string): Pair | undefined {
  const isNarrative = random.chance(0.6);
  if (isNarrative && !context.definitions.searchParameter(type, '_text')) return undefined;
  const word = () => random.pick(WORDS);
  const asked = random.weighted<() => string>([
    [30, word],
    [20, () => `${word()} ${word()}`],
    [15, () => `${word()} or ${word().toUpperCase()}`],
    [15, () => `"${word()} ${word()}"`],
    [10, () => `${word()} -${word()}`],
    [10, () => `${word()},${word()}`],
  ]);
  return [isNarrative ? '_text' : '_content', asked()];
}

function filterPair(source: Source, type: string): Pair {
  return ['_filter', filterText(source, type)];
}
