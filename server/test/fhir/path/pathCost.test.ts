import { describe, expect, test } from '@jest/globals';
import { createPathEngine } from '../../../src/fhir/path/engine.ts';
import {
  isAffordable,
  isPlain,
  pathCost,
  PATH_GROWTH_MAX,
  PATH_PAIRS_MAX,
  PATH_VALUES_MAX,
  sizeOf,
} from '../../../src/fhir/path/pathCost.ts';

const PLAIN = { growth: 1, descents: 0, pairings: 0, spells: false };

describe('what an expression may cost', () => {
  test.each([
    'Patient.name.given',
    "Patient.extension('urn:x').value.where($this is string).first()",
    "Patient.name.where(family.startsWith('A') and given.exists()).given",
    "Observation.component.where(code.coding.where(system = 'urn:a|b' and code in ('1' | '2' | '3')).exists()).value",
    "iif(Patient.active, 'yes', 'no')",
    "Patient.identifier.value.replace('-', '').replace('ab', 'c')",
    'Patient.children().children()',
  ])('%s goes through the resource and no more', (expression) => {
    expect(pathCost(expression)).toEqual(PLAIN);
    expect(isPlain(pathCost(expression))).toBe(true);
  });

  test.each<[string, Partial<ReturnType<typeof pathCost>>]>([
    ['Patient.name.given.combine(Patient.name.family)', { growth: 2 }],
    ['Patient.name.given | Patient.name.family', { growth: 2, pairings: 1 }],
    ['Patient.name.given.distinct()', { pairings: 1 }],
    ['Patient.name.where((given | family).exists())', { pairings: 1 }],
    ['Patient.name.given.select($this.combine($this))', { growth: 2.25 }],
    ['Patient.name.given.iif(true, $this.combine($this))', { growth: 2.25 }],
    ["Patient.name.select('a' | 'b')", { growth: 2.25 }],
    ['Patient.descendants().where(descendants().empty())', { descents: 2 }],
    ['Patient.name.family.toChars()', { spells: true }],
    ["Patient.name.given.join('1234567')", { growth: 8 }],
    ["Patient.name.family.replace('a', 'bb')", { growth: 2 }],
    ["Patient.name.family.replace('', '123')", { growth: 4 }],
    ["Patient.name.family.replace('\\u0041', '\\u0041\\u0041')", { growth: 2 }],
    ['Patient.name.family.replace($this, $this)', { growth: Infinity }],
    ["Patient.name.family.replace('a', $this)", { growth: Infinity }],
    ['Patient.name.given.join($this)', { growth: Infinity }],
    [`Patient.name.family & '${'x'.repeat(64)}'`, { growth: 2 * (1 + 64 / 32) }],
  ])('%s', (expression, cost) => {
    expect(pathCost(expression)).toEqual({ ...PLAIN, ...cost });
  });

  test('what doubles at each step is beyond what may be defined; names that are put together are not', () => {
    for (const step of [
      '.select($this.combine($this))',
      '.iif(true, $this.combine($this))',
      '.select($this & $this)',
    ]) {
      expect(pathCost(`Patient.name.given${step.repeat(10)}`).growth).toBeGreaterThan(PATH_GROWTH_MAX);
    }
    const name =
      "Patient.name.select(prefix.first() & ' ' & given.first() & ' ' & family & ' ' & suffix.first())";
    expect(pathCost(name).growth).toBeLessThan(20);
  });
});

describe('the cost is never less than what comes of it', () => {
  const engine = createPathEngine();
  const extension = (depth: number): object =>
    depth === 0 ? { url: 'u', valueString: 'x' } : { url: 'u', extension: [extension(depth - 1)] };
  const resource = {
    resourceType: 'Patient',
    active: true,
    name: [{ given: ['Anna', 'Bea'], family: 'Ce' }, { given: ['Dora'] }],
    extension: [extension(6), { url: 'v', valueString: 'y' }],
  };
  const size = sizeOf(resource);
  const starts = ['Patient', 'Patient.name', 'Patient.name.given', 'Patient.extension'];
  const steps = [
    '.select($this.combine($this))',
    '.select($this.combine(children()))',
    '.select($this.combine($this.select($this.combine($this))))',
    '.iif(true, $this.combine($this))',
    ".iif($this.exists(), $this.combine('a' | 'b'), 'c')",
    ".select('a' | 'b' | 'c')",
    '.select(children() | $this)',
    '.combine($this)',
    '.union(children())',
    '.where($this.combine($this).exists())',
    '.descendants()',
    '.children()',
    '.toChars()',
    ".where($this is string).join('--')",
    ".where($this is string).select($this & $this & '-')",
    ".where($this is string).replace('a', 'bcd')",
    '.where($this is string).first().select($this.combine($this) )',
  ];

  /** Always the same, so that a failure can be repeated. */
  function* expressions(): Generator<string> {
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    for (let i = 0; i < 1_500; i++) {
      const count = 1 + random(5);
      const chosen = Array.from({ length: count }, () => steps[random(steps.length)]!);
      yield starts[random(starts.length)]! + chosen.join('');
    }
  }

  test('in elements and in characters', () => {
    let evaluated = 0;
    for (const expression of expressions()) {
      const cost = pathCost(expression);
      if (!isAffordable(cost, size)) continue;
      let values: unknown[];
      try {
        values = engine
          .compile(expression)(resource)
          .map(({ value }) => value);
      } catch {
        continue; // join() of what is no string, and the like
      }
      evaluated++;
      const most = (size.values + (cost.spells ? size.chars : 0)) * cost.growth * size.depth ** cost.descents;
      const chars = values.reduce<number>((sum, value) => sum + sizeOf(value).chars, 0);
      expect([expression, values.length <= most]).toEqual([expression, true]);
      // An element has its texts in it once more for each element that it is inside of.
      const mostChars = (size.chars + expression.length) * cost.growth * size.depth ** (cost.descents + 1);
      expect([expression, chars <= mostChars]).toEqual([expression, true]);
    }
    expect(evaluated).toBeGreaterThan(500);
  });
});

describe('what is affordable', () => {
  const size = { values: 1_000, chars: 10_000, depth: 10 };
  test('depends on the resource', () => {
    expect(isAffordable({ ...PLAIN, growth: PATH_VALUES_MAX / 1_000 }, size)).toBe(true);
    expect(isAffordable({ ...PLAIN, growth: PATH_VALUES_MAX / 1_000 + 1 }, size)).toBe(false);
    expect(isAffordable({ ...PLAIN, descents: 2 }, size)).toBe(true);
    expect(isAffordable({ ...PLAIN, descents: 3 }, size)).toBe(false);
    expect(isAffordable({ ...PLAIN, pairings: PATH_PAIRS_MAX / 1_000 ** 2 }, size)).toBe(true);
    expect(isAffordable({ ...PLAIN, pairings: PATH_PAIRS_MAX / 1_000 ** 2 + 1 }, size)).toBe(false);
    expect(isAffordable({ ...PLAIN, pairings: 1, growth: 4 }, size)).toBe(false);
    expect(isAffordable({ ...PLAIN, spells: true }, size)).toBe(true);
    expect(isAffordable({ ...PLAIN, spells: true }, { ...size, chars: PATH_VALUES_MAX })).toBe(false);
    expect(isAffordable({ ...PLAIN, growth: 7 }, { ...size, chars: 10_000_000 })).toBe(false);
  });

  test('whose size is counted in values, characters and nesting', () => {
    const resource = { resourceType: 'Patient', active: true, name: [{ given: ['ab', 'c'] }], x: null };
    expect(sizeOf(resource)).toEqual({ values: 7, chars: 10, depth: 3 });
  });
});
