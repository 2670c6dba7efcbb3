import { compartmentTest, compartmentTypes } from '../evaluate/compartment.ts';
import { clausePair } from './clause.ts';
import { containedSearch } from './contained.ts';
import { canFilter, parameterTestText } from './filter.ts';
import { parameterPair, type Pair } from './parameter.ts';
import { hasValues, plainParameters } from './parameters.ts';
import type { Asked } from './query.ts';
import { includePairs, sortPair, totalPair } from './results.ts';
import { witnessed, type Source } from './source.ts';
import { everywherePairs, systemPairs } from './system.ts';

const COMPARTMENTS = ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'];

/** A random search of a type, of a compartment or of the system. */
export function foundPairs(source: Source): Asked {
  const make = source.random.weighted<(source: Source) => Asked>([
    [52, typeSearch],
    [32, kindSearch],
    [8, compartmentSearch],
    [8, systemSearch],
    [5, containedSearch],
  ]);
  return make(source);
}

/** Each type now and then, those with many resources more often. */
export function randomType({ random, context, types }: Source): string {
  return random.chance(0.4) ? random.pick(types) : random.pick(context.world.resources).type;
}

function typeSearch(source: Source): Asked {
  const type = randomType(source);
  return { path: type, pairs: pairsOn(forSome(source, type), type) };
}

/** Most often for one resource, which satisfies each condition that is not negative; else for whatever there may be. */
function forSome(source: Source, type: string): Source {
  const { random, context } = source;
  const all = context.world.ofType(type);
  return all.length > 0 && random.chance(0.6) ? witnessed(source, random.pick(all)) : source;
}

/** Kinds of parameters, each as often as there is to be told apart within it. */
const KINDS = [
  [25, 'number'],
  [20, 'quantity'],
  [20, 'date'],
  [25, 'composite'],
  [45, 'uri'],
  [10, 'reference'],
  [12, 'string'],
  [5, 'token'],
  [5, 'special'],
  [6, 'phonetic'],
] as const;

/** Begins with the kind of parameter, so that those are asked as well that few types have. */
function kindSearch(source: Source): Asked {
  const { random, context } = source;
  const kind = random.weighted(KINDS);
  const found = source.types.flatMap((type) =>
    plainParameters(source, type)
      .filter(({ type: own, code }) => (kind === 'phonetic' ? code === kind : own === kind))
      .filter((parameter) => hasValues(source, type, parameter))
      .map((parameter) => ({ type, parameter })),
  );
  if (found.length === 0) return typeSearch(source);
  const { type, parameter } = random.pick(found);
  const having = context.world
    .ofType(type)
    .filter((one) => hasValues(witnessed(source, one), type, parameter));
  const some = having.length > 0 && random.chance(0.6) ? witnessed(source, random.pick(having)) : source;
  if (canFilter(parameter) && random.chance(0.55))
    return { path: type, pairs: [['_filter', parameterTestText(some, type, parameter)]] };
  const pair = parameterPair(some, type, parameter);
  if (random.chance(0.15)) return fromAfar(some, type, pair);
  const sort = random.chance(0.2) ? [sortPair(source, type, parameter)] : [];
  return { path: type, pairs: [pair, ...sort, ...(random.chance(0.1) ? [clausePair(some, type)] : [])] };
}

/** Asks the same of what something refers to. */
function fromAfar(source: Source, type: string, [name, value]: Pair): Asked {
  const { witness, random } = source;
  const referrers = witness ? source.referrers(witness) : [];
  if (referrers.length === 0) return { path: type, pairs: [[name, value]] };
  const { one, parameter } = random.pick(referrers);
  return { path: one.type, pairs: [[`${parameter.code}:${type}.${name}`, value]] };
}

/** Conditions, an order and what comes along: most queries have one of them as their matter. */
function pairsOn(source: Source, type: string): Pair[] {
  const { random } = source;
  const conditions = (most: number) => Array.from({ length: most }, () => clausePair(source, type));
  const pairs = random.weighted<() => Pair[]>([
    [55, () => conditions(1)],
    [15, () => conditions(2)],
    [5, () => conditions(3)],
    [15, () => [...conditions(random.below(2)), ...includePairs(source, type)]],
    [10, () => [...conditions(random.below(2)), sortPair(source, type)]],
  ])();
  if (pairs.some(([name]) => ['_text', '_content'].includes(name)) && random.chance(0.2))
    pairs.push(['_sort', random.pick(['_score', '-_score'])]);
  if (random.chance(0.2)) pairs.push(sortPair(source, type));
  if (random.chance(0.2)) pairs.push(totalPair(source));
  const isSort = ([name]: Pair) => name === '_sort';
  return pairs.filter((pair, i) => !isSort(pair) || pairs.findIndex(isSort) === i);
}

function compartmentSearch(source: Source): Asked {
  const { random, context, types } = source;
  const compartment = random.pick(COMPARTMENTS.filter((type) => types.includes(type)));
  const inside = compartmentTypes(context, compartment).filter((type) => types.includes(type));
  if (random.chance(0.3)) {
    const named = random.sample(inside, 2 + random.below(3));
    const id = compartmentId(source, compartment, random.pick(named));
    const pairs = random.chance(0.3) ? everywherePairs(source, named) : systemPairs(source, named);
    return { path: `${compartment}/${id}/*`, pairs };
  }
  const type = random.pick(inside);
  const path = `${compartment}/${compartmentId(source, compartment, type)}/${type}`;
  return { path, pairs: random.chance(0.5) ? [] : pairsOn(forSome(source, type), type) };
}

/** Of a few resources, the first whose compartment has something of the type. */
function compartmentId({ random, context }: Source, compartment: string, type: string): string {
  const ids = random.sample(context.world.ofType(compartment), 6).map(({ id }) => id);
  const isUsed = (id: string) => {
    const test = compartmentTest(context, { type: compartment, id }, type);
    return context.world.ofType(type).some(test);
  };
  return ids.find(isUsed) ?? ids[0]!;
}

function systemSearch(source: Source): Asked {
  const { random, types } = source;
  const some = random.sample(types, 1 + random.below(4));
  const pairs = random.chance(0.25) ? everywherePairs(source, some) : systemPairs(source, some);
  return { path: '', pairs };
}
