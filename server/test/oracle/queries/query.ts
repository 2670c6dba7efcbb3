import { compartmentTest, compartmentTypes } from '../evaluate/compartment.ts';
import { BASE_MARK } from '../data/references.ts';
import { clausePair } from './clause.ts';
import type { Pair } from './parameter.ts';
import { COUNT_ALL, includePairs, sortPair } from './results.ts';
import type { Source } from './source.ts';
import { systemPairs } from './system.ts';
import { wrongPair } from './wrong.ts';

/** A search to ask the server and the evaluator. */
export interface Query {
  /** `Patient`, `Patient/1/Observation`, `Patient/1/*` or nothing for the system. */
  path: string;
  /** Percent-encoded, as sent. */
  query: string;
  /** By POST to `_search`. */
  post: boolean;
  /** Page size where the pages are to be walked through; 0 where only the number of matches is asked for. */
  pageSize?: number;
  /** It is wrong: the server must refuse it. */
  isWrong?: true;
}

const COMPARTMENTS = ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'];

/** How often a search is wrong. */
const WRONG = 0.03;

/** A random search. */
export function randomQuery(source: Source): Query {
  const { random } = source;
  if (random.chance(WRONG)) return wrongQuery(source);
  const make = random.weighted<(source: Source) => { path: string; pairs: Pair[] }>([
    [84, typeQuery],
    [8, compartmentQuery],
    [8, systemQuery],
  ]);
  const { path, pairs } = make(source);
  const pageSize = random.weighted<number | undefined>([
    [84, undefined],
    [14, 1 + random.below(7)],
    [2, 0],
  ]);
  const sent: Pair[] = [...shuffled(source, pairs), ['_count', String(pageSize ?? COUNT_ALL)]];
  const query = { path, query: encoded(source, sent), post: !path.endsWith('*') && random.chance(0.08) };
  return pageSize === undefined ? query : { ...query, pageSize };
}

function wrongQuery(source: Source): Query {
  const type = randomType(source);
  const pairs = source.random.chance(0.3) ? [clausePair(source, type)] : [];
  const query = encoded(source, shuffled(source, [...pairs, wrongPair(source, type)]));
  return { path: type, query, post: source.random.chance(0.2), isWrong: true };
}

/** Each type now and then, those with many resources more often. */
function randomType({ random, context, types }: Source): string {
  return random.chance(0.4) ? random.pick(types) : random.pick(context.world.resources).type;
}

function typeQuery(source: Source): { path: string; pairs: Pair[] } {
  const type = randomType(source);
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
  const inside = compartmentTypes(context, compartment).filter((type) => types.includes(type));
  if (random.chance(0.3)) {
    const named = random.sample(inside, 2 + random.below(3));
    const id = compartmentId(source, compartment, random.pick(named));
    return { path: `${compartment}/${id}/*`, pairs: systemPairs(source, named) };
  }
  const type = random.pick(inside);
  const path = `${compartment}/${compartmentId(source, compartment, type)}/${type}`;
  return { path, pairs: random.chance(0.5) ? [] : pairsOn(source, type) };
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

function systemQuery(source: Source): { path: string; pairs: Pair[] } {
  const { random, types } = source;
  return { path: '', pairs: systemPairs(source, random.sample(types, 1 + random.below(4))) };
}

const shuffled = ({ random }: Source, pairs: readonly Pair[]): Pair[] => random.sample(pairs, pairs.length);

const encoded = (source: Source, pairs: readonly Pair[]): string =>
  pairs.map(([name, value]) => `${encodeName(name)}=${encodeValue(source, value)}`).join('&');

const encodeName = (name: string): string => encodeURIComponent(name).replaceAll('%3A', ':');

/** Separators may be encoded or not; a space may be a plus. The mark of the base is put in later. */
function encodeValue({ random }: Source, value: string): string {
  const encoded = encodeURIComponent(value).replaceAll(encodeURIComponent(BASE_MARK), BASE_MARK);
  const readable = random.chance(0.5) ? encoded.replace(/%(2C|3A|2F|7C|24)/g, decodeURIComponent) : encoded;
  return random.chance(0.2) ? readable.replaceAll('%20', '+') : readable;
}
