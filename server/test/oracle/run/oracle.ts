import { beforeAll, expect, test } from '@jest/globals';
import { r4Definitions } from '../../support/definitions.ts';
import { createBindings } from '../data/bindings.ts';
import { createSelect } from '../evaluate/paths.ts';
import { check } from './check.ts';
import { createCoverage, type Coverage } from './coverage.ts';
import { describeDisagreement } from './describe.ts';
import { EXPECTED_KINDS } from './expectedKinds.ts';
import { forEachQuery, openWorld, type LiveWorld, type Tools } from './world.ts';

/** Queries over all worlds, unless ORACLE_QUERIES says otherwise. */
const QUERIES_DEFAULT = 20_000;
const QUERIES = Number(process.env.ORACLE_QUERIES ?? QUERIES_DEFAULT);
/** The first of the worlds: others are other data and other queries. */
const FIRST_WORLD = Number(process.env.ORACLE_WORLD ?? 0);
/** `world.number` of the only query to run. */
const ONLY = process.env.ORACLE_SEED;
/** Prints how often each kind of search was asked, and found something. */
const PRINTS_COVERAGE = process.env.ORACLE_COVERAGE !== undefined;
export const WORLDS = 8;
const QUERIES_PER_WORLD = Math.ceil(QUERIES / WORLDS);
const TIMEOUT_MS = 1_800_000;
/** Disagreements that are shown; one cause shows itself many times. */
const SHOWN_MAX = 10;
/** The least share of queries that must find something: else they would test nothing. */
const FOUND_SHARE_MIN = 0.5;
/** How often each test file must have asked each kind of search, and how often with a result. */
const ASKED_MIN = 8;
const FOUND_MIN = 2;

/** Defines the test of each world of a list: the server agrees with the evaluator on every query. */
export function testWorlds(numbers: readonly number[]): void {
  let tools: Tools;
  beforeAll(async () => {
    tools = { definitions: await r4Definitions(), bindings: createBindings(), select: createSelect() };
  });
  const [onlyWorld, onlyNumber] = ONLY?.split('.').map(Number) ?? [];
  const isHere = onlyWorld !== undefined && numbers.includes(onlyWorld % WORLDS);
  const seeds = numbers.map((number) => FIRST_WORLD + number);
  const chosen = onlyWorld === undefined ? seeds : isHere ? [onlyWorld] : [];
  if (chosen.length === 0) test.skip('ORACLE_SEED names a query of another file', () => undefined);
  const coverage = createCoverage();
  for (const seed of chosen) {
    test(
      `world ${seed}`,
      async () => {
        const world = await openWorld(tools, seed);
        try {
          if (onlyNumber === undefined) await runAll(world, coverage);
          else await runOne(world, onlyNumber);
        } finally {
          await world.close();
        }
      },
      TIMEOUT_MS,
    );
  }
  if (onlyWorld === undefined && QUERIES >= QUERIES_DEFAULT) testCoverage(coverage, seeds.length);
}

async function runAll(world: LiveWorld, coverage: Coverage): Promise<void> {
  const count = QUERIES_PER_WORLD;
  const failed: number[] = [];
  let found = 0;
  await forEachQuery(count, async (n) => {
    const query = world.query(n);
    const outcome = await check(world.client, world.context, query);
    coverage.add(world.context, query, outcome.found);
    if (outcome.found > 0) found++;
    if (outcome.disagreement !== undefined) failed.push(n);
  });
  if (failed.length > 0) {
    const texts = [];
    for (const n of failed.slice(0, SHOWN_MAX)) texts.push(await describeDisagreement(world, n));
    throw new Error(
      `Server and specification disagree on ${failed.length} of ${count} queries:\n\n${texts.join('\n\n')}`,
    );
  }
  expect(found).toBeGreaterThan(count * FOUND_SHARE_MIN);
}

async function runOne(world: LiveWorld, n: number): Promise<void> {
  const { disagreement } = await check(world.client, world.context, world.query(n));
  if (disagreement !== undefined) throw new Error(await describeDisagreement(world, n));
}

/** No kind of search is rare without anybody's knowing. */
function testCoverage(coverage: Coverage, worlds: number): void {
  test('each kind of search was asked, and found something', () => {
    if (PRINTS_COVERAGE) process.stdout.write(`\n asked  found  kind\n${coverage.table()}\n`);
    expect(coverage.asked()).toBe(worlds * QUERIES_PER_WORLD);
    expect(coverage.rare(EXPECTED_KINDS, ASKED_MIN, FOUND_MIN)).toEqual([]);
  });
}
