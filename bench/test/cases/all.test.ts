import { describe, expect, test } from '@jest/globals';
import { CASES } from '../../src/cases/all.ts';
import { dataPlan } from '../../src/data/plan.ts';
import { Random } from '../../src/data/random.ts';
import { encodeRequest } from '../../src/generator/encode.ts';

const plan = dataPlan(0.01);
const made = (name: string, seed: number) =>
  CASES.find((each) => each.name === name)?.makeRequests(plan, new Random(plan.seed, seed)) ?? [];

test('names are unique, and a target needs a floor', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  expect(CASES.filter(({ target, floor }) => target !== undefined && !floor)).toEqual([]);
});

describe.each(CASES.map(({ name }) => name))('%s', (name) => {
  test('makes the same requests of one seed and others of another', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => JSON.stringify(made(name, seed)));
    expect(again === first).toBe(true);
    expect(other === first).toBe(false);
  });
  test('has bodies that are JSON and announces their length', () => {
    for (const request of made(name, 3).slice(0, 20)) {
      const [head, body] = encodeRequest(request, 'host', '').bytes.toString().split('\r\n\r\n') as [
        string,
        string,
      ];
      const announced = Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0);
      expect(Buffer.byteLength(body)).toBe(announced);
      expect(body === '' || typeof JSON.parse(body) === 'object').toBe(true);
      expect(head.split('\r\n')[0]).toMatch(/^(GET|PUT|POST) \S* HTTP\/1\.1$/);
    }
  });
});

test('creates leave the id to the server; updates name theirs', () => {
  for (const { body } of made('create', 4).slice(0, 50))
    expect(JSON.parse(body ?? '')).not.toHaveProperty('id');
  for (const { path, body } of made('update', 4).slice(0, 50)) {
    expect(path).toBe(`/Patient/${(JSON.parse(body ?? '') as { id: string }).id}`);
  }
});

test('no two updates of a patient are the same', () => {
  const bodies = made('update', 5).map(({ body }) => body);
  expect(new Set(bodies).size).toBeGreaterThan(bodies.length * 0.99);
});

test('a transaction has 50 entries, which refer to its encounter', () => {
  const bundle = JSON.parse(made('transaction', 6)[0]?.body ?? '') as {
    entry: { fullUrl: string; resource: { id?: string; encounter?: { reference: string } } }[];
  };
  expect(bundle.entry).toHaveLength(50);
  const [visit, ...observations] = bundle.entry;
  expect(new Set(observations.map(({ resource }) => resource.encounter?.reference))).toEqual(
    new Set([visit?.fullUrl]),
  );
  expect(bundle.entry.filter(({ resource }) => resource.id !== undefined)).toEqual([]);
});
