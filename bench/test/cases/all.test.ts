import { describe, expect, test } from '@jest/globals';
import { CASES } from '../../src/cases/all.ts';
import type { BenchCase } from '../../src/cases/case.ts';
import { dataPlan } from '../../src/data/plan.ts';
import { Random } from '../../src/data/random.ts';
import { encodeRequest } from '../../src/generator/encode.ts';

const plan = dataPlan(0.01);
const somewhere = { host: 'host', port: 80, basePath: '' };
const made = (name: string, seed: number) =>
  CASES.find((each) => each.name === name)?.makeRequests(plan, new Random(plan.seed, seed)) ?? [];

test('names are unique, and a target needs something to be held against', () => {
  const names = CASES.map(({ name }) => name);
  expect(new Set(names).size).toBe(CASES.length);
  const held = ({ floor, against }: BenchCase): boolean => floor !== undefined || against !== undefined;
  expect(CASES.filter((each) => each.target !== undefined && !held(each))).toEqual([]);
  for (const { against } of CASES) if (against !== undefined) expect(names).toContain(against);
});

test.each([
  ['search-name', 0.6],
  ['search-identifier', 0.6],
  ['search-patient-code', 0.6],
  ['search-patient-category', 0.4],
  ['search-chain-name', 0.4],
  ['search-chain-identifier', 0.4],
  ['search-has', 0.4],
  ['search-include', 0.4],
  ['search-revinclude', 0.4],
  ['search-code-date', 0.4],
  ['search-status-updated', 0.4],
  ['search-code-rare', 0.4],
  ['search-code-common', 0.4],
  ['search-not', 0.4],
  ['search-composite', 0.4],
  ['everything', 0.4],
])('%s is held against its own floor, to %d of it, at 16 connections', (name, target) => {
  const found = CASES.find((each) => each.name === name);
  expect(found).toMatchObject({ floor: name, target, connections: [16] });
  expect(found?.likeness).toBeDefined();
});

describe.each(CASES.map(({ name }) => name))('%s', (name) => {
  test('makes the same requests of one seed and others of another', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => JSON.stringify(made(name, seed)));
    expect(again === first).toBe(true);
    const isOneQuestion = made(name, 1).length === 1;
    expect(other === first).toBe(isOneQuestion);
  });
  test('has bodies that are JSON and announces their length', () => {
    for (const request of made(name, 3).slice(0, 20)) {
      const [head, body] = encodeRequest(request, somewhere).bytes.toString().split('\r\n\r\n') as [
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
    entry: {
      fullUrl?: string;
      resource?: { id?: string; encounter?: { reference: string } };
      request: { method: string; url: string };
    }[];
  };
  expect(bundle.entry).toHaveLength(50);
  const created = bundle.entry.filter(({ request }) => request.method === 'POST');
  const [visit, ...observations] = created;
  expect(new Set(observations.map(({ resource }) => resource!.encounter?.reference))).toEqual(
    new Set([visit?.fullUrl]),
  );
  expect(created.filter(({ resource }) => resource!.id !== undefined)).toEqual([]);
  const methods = Map.groupBy(bundle.entry, ({ request }) => request.method);
  expect([...methods].map(([method, entries]) => [method, entries.length])).toEqual([
    ['POST', 34],
    ['PUT', 12],
    ['DELETE', 2],
    ['GET', 2],
  ]);
  expect(
    new Set(bundle.entry.map(({ request }, i) => (request.method === 'PUT' ? request.url : i))).size,
  ).toBe(50);
});
