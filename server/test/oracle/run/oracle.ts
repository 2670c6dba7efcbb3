import { beforeAll, expect, test } from '@jest/globals';
import { r4Definitions } from '../../support/definitions.ts';
import { createBindings } from '../data/bindings.ts';
import { createSelect } from '../evaluate/paths.ts';
import { check } from './check.ts';
import { forEachQuery, openWorld, type LiveWorld, type Tools } from './world.ts';

/** Queries over all worlds, unless ORACLE_QUERIES says otherwise. */
const QUERIES = Number(process.env.ORACLE_QUERIES ?? 20_000);
/** `world.number` of the only query to run. */
const ONLY = process.env.ORACLE_SEED;
export const WORLDS = 8;
const TIMEOUT_MS = 900_000;
/** Disagreements that are shown; one cause shows itself many times. */
const SHOWN_MAX = 10;
/** The least share of queries that must find something: else they would test nothing. */
const FOUND_SHARE_MIN = 0.5;

/** Defines the test of each world of a list: the server agrees with the evaluator on every query. */
export function testWorlds(seeds: readonly number[]): void {
  let tools: Tools;
  beforeAll(async () => {
    tools = { definitions: await r4Definitions(), bindings: createBindings(), select: createSelect() };
  });
  const [onlyWorld, onlyNumber] = ONLY?.split('.').map(Number) ?? [];
  const chosen = onlyWorld === undefined ? seeds : seeds.filter((seed) => seed === onlyWorld);
  if (chosen.length === 0) test.skip('ORACLE_SEED names a query of another file', () => undefined);
  for (const seed of chosen) {
    test(
      `world ${seed}`,
      async () => {
        const world = await openWorld(tools, seed);
        try {
          if (onlyNumber === undefined) await runAll(world, seed);
          else expect(await disagreement(world, seed, onlyNumber)).toBeUndefined();
        } finally {
          await world.close();
        }
      },
      TIMEOUT_MS,
    );
  }
}

async function runAll(world: LiveWorld, seed: number): Promise<void> {
  const count = Math.ceil(QUERIES / WORLDS);
  const disagreements: string[] = [];
  let found = 0;
  await forEachQuery(count, async (n) => {
    const outcome = await check(world.client, world.context, world.query(n));
    if (outcome.found > 0) found++;
    if (outcome.disagreement !== undefined)
      disagreements.push(describeFailure(world, seed, n, outcome.disagreement));
  });
  if (disagreements.length > 0) {
    const shown = disagreements.slice(0, SHOWN_MAX).join('\n\n');
    throw new Error(
      `Server and specification disagree on ${disagreements.length} of ${count} queries:\n\n${shown}`,
    );
  }
  expect(found).toBeGreaterThan(count * FOUND_SHARE_MIN);
}

async function disagreement(world: LiveWorld, seed: number, n: number): Promise<string | undefined> {
  const { disagreement: text } = await check(world.client, world.context, world.query(n));
  return text === undefined ? undefined : describeFailure(world, seed, n, text);
}

function describeFailure(world: LiveWorld, seed: number, n: number, text: string): string {
  const { path, query, post } = world.query(n);
  return `ORACLE_SEED=${seed}.${n}\n    ${post ? 'POST' : 'GET'} ${path}?${decodeURIComponent(query.replaceAll('+', ' '))}\n    ${text}`;
}
