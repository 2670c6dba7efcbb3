import { beforeAll, expect, test } from '@jest/globals';
import type { AccessContext } from '../../../src/access/context.ts';
import { createAccess } from '../../../src/access/createAccess.ts';
import { openContext } from '../support.ts';
import { satisfies } from './condition.ts';
import { ruleAllows } from './judge.ts';
import { FIELDS, INTERACTIONS } from './policies.ts';
import { isAllowed, randomCaller, type RandomCaller } from './randomCaller.ts';
import { TYPES, randomResource, type Type } from './world.ts';

const WORLDS = 600;
/** Resources of each type that a random caller asks for. */
const RESOURCES = 3;

let context: AccessContext;
beforeAll(async () => {
  context = await openContext();
});

test('compiled access is what the policies mean', () => {
  const counts = { allowed: 0, denied: 0 };
  for (let seed = 0; seed < WORLDS; seed++) {
    const world = randomCaller(seed);
    const access = createAccess(context, world.grants);
    for (const type of TYPES) {
      for (let i = 0; i < RESOURCES; i++) {
        const resource = randomResource(world.random, type);
        for (const interaction of INTERACTIONS) {
          const question = { type, interaction, resource };
          const expected = isAllowed(world, question);
          counts[expected ? 'allowed' : 'denied']++;
          const found = {
            allows: access.allows(type, interaction, resource),
            allowsText: access.allowsText(type, interaction, JSON.stringify(resource)),
            condition: satisfies(type, resource, access.condition(type, interaction)),
          };
          if (Object.values(found).every((one) => one === expected)) continue;
          const { variables, rules, scopes } = world;
          const ofType = rules.filter((rule) => rule.type === '*' || rule.type === type);
          const wrong = { seed, question, rules: ofType, variables, scopes, ...found };
          expect(wrong).toEqual({ ...wrong, allows: expected, allowsText: expected, condition: expected });
        }
      }
    }
    const administers = world.grants.administrator && world.scopes === undefined;
    expect(access.condition('User', 'update')).toBe(
      administers || (world.grants.administrator && scopesReach(world, 'u')),
    );
  }
  // The random worlds are neither closed nor open to everybody.
  expect(counts.allowed).toBeGreaterThan(5000);
  expect(counts.denied).toBeGreaterThan(5000);
});

/** Whether a scope reaches types that administer, which have no patient and no status. */
const scopesReach = ({ scopes = [], grants }: RandomCaller, letter: string) =>
  scopes.some(
    ({ context: of, type, letters, clause }) =>
      type === '*' && !clause && letters.includes(letter) && of === (grants.isUser ? 'user' : 'system'),
  );

test('what is shown is what some rule shows that allows the resource', () => {
  const counts = { shown: 0, hidden: 0 };
  for (let seed = 0; seed < WORLDS; seed++) {
    const { random, rules, variables, grants } = randomCaller(seed);
    const access = createAccess(context, grants);
    for (const type of ['Patient', 'Observation'] as const) {
      for (let i = 0; i < RESOURCES; i++) {
        const resource = randomResource(random, type);
        const allowing = rules.filter((rule) =>
          ruleAllows(rule, variables, { type, interaction: 'read', resource }),
        );
        if (allowing.length === 0) continue;
        const fields = Object.entries(FIELDS[type]!);
        const hidden = fields
          .filter(([field]) => allowing.every((rule) => rule.type !== '*' && rule.hidden.includes(field)))
          .map(([, property]) => property);
        const gone = hidden.length > 0 ? [...hidden, 'text'] : [];
        counts[gone.length > 0 ? 'hidden' : 'shown']++;
        const expected = Object.fromEntries(
          Object.entries(resource).filter(([name]) => !gone.includes(name)),
        );
        const shown = access.shown(type, resource);
        expect({ seed, shown }).toEqual({ seed, shown: expected });
        // What is hidden in one may not be searched by in any.
        expect(access.hidden(type)).toEqual(expect.arrayContaining(gone));
      }
    }
  }
  expect(counts.hidden).toBeGreaterThan(50);
  expect(counts.shown).toBeGreaterThan(500);
});

test('a write satisfies the constraints of a rule that allows it', () => {
  const counts = { satisfied: 0, violated: 0 };
  for (let seed = 0; seed < WORLDS; seed++) {
    const { random, rules, variables, grants } = randomCaller(seed);
    const access = createAccess(context, grants);
    for (const type of TYPES satisfies readonly Type[]) {
      const after = randomResource(random, type);
      const before = random.chance(0.6) ? randomResource(random, type) : undefined;
      const interaction = before ? 'update' : 'create';
      const allowing = rules.filter((rule) =>
        ruleAllows(rule, variables, { type, interaction, resource: after }),
      );
      if (allowing.length === 0) continue;
      const expected = allowing.some(({ constraints }) =>
        constraints.every((one) => one.holds(before, after)),
      );
      counts[expected ? 'satisfied' : 'violated']++;
      expect({ seed, type, isSatisfied: access.violated(type, before, after).length === 0 }).toEqual({
        seed,
        type,
        isSatisfied: expected,
      });
    }
  }
  expect(counts.violated).toBeGreaterThan(50);
  expect(counts.satisfied).toBeGreaterThan(300);
});
