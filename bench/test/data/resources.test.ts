import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { observation } from '../../src/data/observation.ts';
import { mrnOf, patient } from '../../src/data/patient.ts';
import { dataPlan, observationId } from '../../src/data/plan.ts';
import { Random } from '../../src/data/random.ts';
import { resourceCount, resources } from '../../src/data/resources.ts';

const plan = dataPlan(0.01);
const texts = [...resources(plan)].map((resource) => JSON.stringify(resource));

describe('Random', () => {
  const first = (random: Random): number[] => Array.from({ length: 4 }, () => random.uint32());

  test('repeats itself for the same seed and differs for every other', () => {
    expect(first(new Random(1, 2, 3))).toEqual(first(new Random(1, 2, 3)));
    const streams = [
      [1, 2, 3],
      [1, 2, 4],
      [1, 3, 2],
      [2, 2, 3],
    ].map((parts) => first(new Random(...parts)).join());
    expect(new Set(streams).size).toBe(4);
  });
  test('covers its range evenly', () => {
    const random = new Random(7);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const value = random.below(10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
  });
  test('picks by weight', () => {
    const random = new Random(8);
    const picks = Array.from(
      { length: 2_000 },
      () => random.pickWeighted([{ weight: 9 }, { weight: 1 }]).weight,
    );
    const rare = picks.filter((weight) => weight === 1).length;
    expect(rare).toBeGreaterThan(140);
    expect(rare).toBeLessThan(260);
  });
  test('makes version 4 UUIDs', () => {
    expect(new Random(9).uuid()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

describe('the generated data', () => {
  test('are the same text each time, here and elsewhere', () => {
    const again = [...resources(plan)].map((resource) => JSON.stringify(resource));
    expect(again).toEqual(texts);
    const digest = createHash('sha256').update(texts.join('\n')).digest('hex');
    // Changes with the generator only; results before and after are then not of the same data.
    expect(digest).toBe('7122e9b981817c0b7975064f6be29d67520b23ff09f5cf17a3b55d0b059342f1');
  });
  test('have the planned number of resources, each with an id of its own', () => {
    expect(texts).toHaveLength(resourceCount(plan));
    expect(new Set([...resources(plan)].map(({ resourceType, id }) => `${resourceType}/${id}`)).size).toBe(
      texts.length,
    );
  });
  test('refer to nothing that is not there', () => {
    const present = new Set([...resources(plan)].map(({ resourceType, id }) => `${resourceType}/${id}`));
    const referred = texts.flatMap((text) =>
      [...text.matchAll(/"reference":"([^"]+)"/g)].map((match) => match[1]),
    );
    expect(referred.length).toBeGreaterThan(1_000);
    expect(referred.filter((reference) => !present.has(reference ?? ''))).toEqual([]);
  });
  test('have the size of real ones', () => {
    const meanOf = (type: string): number => {
      const sizes = texts
        .filter((text) => text.includes(`"resourceType":"${type}"`))
        .map((text) => Buffer.byteLength(text));
      return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    };
    expect(meanOf('Observation')).toBeGreaterThan(1_500);
    expect(meanOf('Observation')).toBeLessThan(1_700);
    expect(meanOf('Patient')).toBeGreaterThan(2_400);
    expect(meanOf('Patient')).toBeLessThan(2_700);
  });
});

describe('single resources', () => {
  test('the number of a patient is in the patient', () => {
    expect(patient(plan, 3).identifier?.map(({ value }) => value)).toContain(mrnOf(plan, 3));
  });
  test('a revision changes the patient and keeps who it is', () => {
    expect(JSON.stringify(patient(plan, 3, 1))).not.toBe(JSON.stringify(patient(plan, 3, 2)));
    expect(patient(plan, 3, 1)).toMatchObject({
      id: patient(plan, 3).id,
      identifier: patient(plan, 3).identifier,
    });
  });
  test('observations beyond the plan have ids of their own and known patients', () => {
    const beyond = observation(plan, plan.observations + 12);
    expect(beyond.id).toBe(observationId(plan.observations + 12));
    expect(texts.some((text) => text.includes(`"id":"${beyond.subject?.reference?.split('/')[1]}"`))).toBe(
      true,
    );
  });
});
