import { expect, test } from '@jest/globals';
import { someMembers } from '../../../src/fhir/json/members.ts';
import { createRandom, type Random } from '../../oracle/data/random.ts';

const TEXTS = ['', 'a', '"', '\\', '\\"', 'x\\\\', '},{"b":1', ' [', '\u0000', 'ä€😀', '\u2028'];
const NAMES = ['a', 'b', 'c"', 'd\\', 'é', 'resourceType'];

function randomValue(random: Random, depth: number): unknown {
  const kind = random.below(depth > 3 ? 5 : 7);
  if (kind === 0) return random.pick(TEXTS) + random.pick(TEXTS);
  if (kind === 1) return random.pick([0, -1.5, 1e-7, 12345678901]);
  if (kind === 2) return random.pick([true, false, null]);
  if (kind === 3) return random.pick(TEXTS);
  if (kind === 4) return random.pick([[], {}]);
  if (kind === 5) return Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1));
  return randomObject(random, depth + 1);
}

function randomObject(random: Random, depth = 0): Record<string, unknown> {
  const names = NAMES.filter(() => random.below(2) === 0);
  return Object.fromEntries(names.map((name) => [name, randomValue(random, depth)]));
}

test('the members that are asked for are as they are in the whole', () => {
  const random = createRandom('members');
  let found = 0;
  for (let i = 0; i < 5_000; i++) {
    const whole = randomObject(random);
    const names = new Set([...NAMES, 'absent'].filter(() => random.below(2) === 0));
    const expected = Object.fromEntries(Object.entries(whole).filter(([name]) => names.has(name)));
    expect(someMembers(JSON.stringify(whole), names)).toEqual(expected);
    found += Object.keys(expected).length;
  }
  expect(found).toBeGreaterThan(1_000);
});

test('numbers keep the value that JSON.parse gives them', () => {
  expect(someMembers('{"a":1.50,"b":2}', new Set(['a', 'b']))).toEqual({ a: 1.5, b: 2 });
});
