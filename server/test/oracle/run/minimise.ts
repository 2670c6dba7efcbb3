import type { Context } from '../evaluate/context.ts';
import { splitAt } from '../evaluate/split.ts';
import { encodedPlainly } from '../queries/encode.ts';
import type { Pair } from '../queries/parameter.ts';
import { sizePair, type Query } from '../queries/query.ts';
import { check } from './check.ts';
import type { Client } from './client.ts';

/** A query with what server and evaluator disagree about. */
export interface Disagreement {
  query: Query;
  text: string;
}

/** Leaves out of a query whatever can be left out so that server and evaluator still disagree in the same way. */
export async function minimised(
  client: Client,
  context: Context,
  first: Disagreement,
): Promise<Disagreement> {
  let smallest = first;
  for (let i = 0; i < STEPS_MAX; i++) {
    const next = await firstOf(client, context, smallest);
    if (!next) break;
    smallest = next;
  }
  return smallest;
}

/** Ends what would go round in circles; no query has as many parts. */
const STEPS_MAX = 50;

async function firstOf(
  client: Client,
  context: Context,
  { query, text }: Disagreement,
): Promise<Disagreement | undefined> {
  for (const smaller of smallerOnes(query)) {
    const { disagreement } = await check(client, context, smaller);
    if (disagreement !== undefined && aboutOf(disagreement) === aboutOf(text))
      return { query: smaller, text: disagreement };
  }
  return undefined;
}

/** What a disagreement is about: its first word. */
const aboutOf = (text: string): string => text.split(/[\s:(]/)[0]!;

function* smallerOnes(query: Query): Generator<Query> {
  const { pairs, pageSize, asksSelf, post, wrong } = query;
  if (pageSize !== undefined && pageSize > 0) {
    const { pageSize: _, ...whole } = query;
    yield withPairs(whole, pairs);
  }
  if (asksSelf || post) yield withPairs({ ...query, asksSelf: false, post: false }, pairs);
  for (const [i, pair] of pairs.entries()) {
    if (pair === wrong?.pair) continue;
    const others = pairs.filter((one) => one !== pair);
    if (pair[0] !== '_type') yield withPairs(query, others);
    const values = splitAt(pair[1], ',');
    if (values.length < 2) continue;
    for (const value of values) {
      const fewer: Pair = [pair[0], values.filter((one) => one !== value).join(',')];
      if (fewer[1] !== '') yield withPairs(query, pairs.with(i, fewer));
    }
  }
}

function withPairs(query: Query, pairs: readonly Pair[]): Query {
  const isSized = query.wrong?.pair[0] === '_count';
  const size = isSized ? [] : [sizePair(query.pageSize)];
  return { ...query, pairs, query: encodedPlainly([...pairs, ...size]) };
}
