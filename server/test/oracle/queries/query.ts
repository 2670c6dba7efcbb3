import { compartmentTypes } from '../evaluate/compartment.ts';
import { BASE_MARK } from '../data/references.ts';
import { clausePair } from './clause.ts';
import type { Pair } from './parameter.ts';
import { COUNT_ALL, includePairs, sortPair } from './results.ts';
import type { Source } from './source.ts';
import { systemPairs } from './system.ts';

/** A search to ask the server and the evaluator. */
export interface Query {
  /** `Patient`, `Patient/1/Observation`, `Patient/1/*` or nothing for the system. */
  path: string;
  /** Percent-encoded, as sent. */
  query: string;
  /** By POST to `_search`. */
  post: boolean;
  /** Page size where the pages are to be walked through. */
  pageSize?: number;
}

const COMPARTMENTS = ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'];

/** A random search. */
export function randomQuery(source: Source): Query {
  const { random } = source;
  const make = random.weighted<(source: Source) => { path: string; pairs: Pair[] }>([
    [84, typeQuery],
    [8, compartmentQuery],
    [8, systemQuery],
  ]);
  const { path, pairs } = make(source);
  const pageSize = random.chance(0.15) ? 1 + random.below(7) : undefined;
  const sent: Pair[] = [...shuffled(source, pairs), ['_count', String(pageSize ?? COUNT_ALL)]];
  const query = {
    path,
    query: sent.map(([name, value]) => `${encodeName(name)}=${encodeValue(source, value)}`).join('&'),
    post: !path.endsWith('*') && random.chance(0.08),
  };
  return pageSize === undefined ? query : { ...query, pageSize };
}

function typeQuery(source: Source): { path: string; pairs: Pair[] } {
  const type = source.random.pick(source.types);
  return { path: type, pairs: pairsOn(source, type) };
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
  if (random.chance(0.2)) pairs.push(sortPair(source, type));
  if (random.chance(0.15)) pairs.push(['_total', 'accurate']);
  const isSort = ([name]: Pair) => name === '_sort';
  return pairs.filter((pair, i) => !isSort(pair) || pairs.findIndex(isSort) === i);
}

function compartmentQuery(source: Source): { path: string; pairs: Pair[] } {
  const { random, context, types } = source;
  const compartment = random.pick(COMPARTMENTS.filter((type) => types.includes(type)));
  const id = random.pick(context.world.ofType(compartment)).id;
  const inside = compartmentTypes(context, compartment).filter((type) => types.includes(type));
  if (random.chance(0.3)) {
    const named = random.sample(inside, 2 + random.below(3));
    return { path: `${compartment}/${id}/*`, pairs: systemPairs(source, named) };
  }
  const type = random.pick(inside);
  return { path: `${compartment}/${id}/${type}`, pairs: random.chance(0.4) ? [] : pairsOn(source, type) };
}

function systemQuery(source: Source): { path: string; pairs: Pair[] } {
  const { random, types } = source;
  return { path: '', pairs: systemPairs(source, random.sample(types, 1 + random.below(4))) };
}

const shuffled = ({ random }: Source, pairs: readonly Pair[]): Pair[] => random.sample(pairs, pairs.length);

const encodeName = (name: string): string => encodeURIComponent(name).replaceAll('%3A', ':');

/** Separators may be encoded or not; a space may be a plus. The mark of the base is put in later. */
function encodeValue({ random }: Source, value: string): string {
  const encoded = encodeURIComponent(value).replaceAll(encodeURIComponent(BASE_MARK), BASE_MARK);
  const readable = random.chance(0.5) ? encoded.replace(/%(2C|3A|2F|7C|24)/g, decodeURIComponent) : encoded;
  return random.chance(0.2) ? readable.replaceAll('%20', '+') : readable;
}
