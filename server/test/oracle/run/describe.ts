import { check } from './check.ts';
import { minimised } from './minimise.ts';
import type { LiveWorld } from './world.ts';

/** Seed, query, size of the world, the smallest part of the query that is answered wrongly, and how. */
export async function describeDisagreement(world: LiveWorld, n: number): Promise<string> {
  const { client, context, seed } = world;
  const query = world.query(n);
  const { disagreement: text } = await check(client, context, query);
  const asked = `${query.post ? 'POST' : 'GET'} ${query.path}?${readable(query.query)}`;
  const start = `ORACLE_SEED=${seed}.${n} in a world of ${context.world.resources.length} resources\n    ${asked}`;
  if (text === undefined) return `${start}\n    was answered wrongly once, and rightly when asked again`;
  const smallest = await minimised(client, context, { query, text });
  const rest = smallest.query.pairs.map((pair) => pair.join('=')).join('&');
  return `${start}\n    already ${query.path}?${rest}\n    ${smallest.text}`;
}

const readable = (encoded: string): string => decodeURIComponent(encoded.replaceAll('+', ' '));
