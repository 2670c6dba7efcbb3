import { describe, expect, test } from '@jest/globals';
import { compileWalk } from '../../../src/fhir/path/compileWalk.ts';
import type { Hop } from '../../../src/fhir/path/resolvePath.ts';

const one = (name: string): Hop => ({ kind: 'property', name, repeats: false });
const many = (name: string): Hop => ({ kind: 'property', name, repeats: true });

function found(hops: Hop[], json: unknown): unknown[] {
  const values: unknown[] = [];
  compileWalk<unknown[]>([{ hops, visit: (value, sink) => void sink.push(value) }])(json, values);
  return values;
}

describe('generated walks', () => {
  test('visit every value below repeating properties, in order', () => {
    const json = { a: [{ b: [1, 2] }, {}, { b: [3] }] };
    expect(found([many('a'), many('b')], json)).toEqual([1, 2, 3]);
  });

  test('skip what is absent or null', () => {
    expect(found([many('a'), one('b')], { a: [null, { b: null }, { b: false }, { b: 0 }] })).toEqual([
      false,
      0,
    ]);
    expect(found([one('a'), one('b')], { a: null })).toEqual([]);
    expect(found([one('a')], null)).toEqual([]);
    expect(found([one('a')], undefined)).toEqual([]);
  });

  test('take any other shape without an error', () => {
    for (const a of [1, 'text', true, [[]], { b: {} }, [1, 'x', null]]) {
      expect(() => found([many('a'), one('b'), many('c')], { a })).not.toThrow();
    }
    expect(found([many('a')], { a: 'alone' })).toEqual(['alone']);
  });

  test('keep conditions and indexes', () => {
    const where: Hop = { kind: 'where', element: 'use', equals: 'it\'s "\\ odd' };
    const json = { a: [{ use: 'it\'s "\\ odd', b: 1 }, { use: 'x', b: 2 }, { b: 3 }] };
    expect(found([many('a'), where, one('b')], json)).toEqual([1]);
    expect(found([many('a'), { kind: 'item', index: 1 }, one('b')], json)).toEqual([2]);
    expect(found([many('a'), { kind: 'item', index: 9 }, one('b')], json)).toEqual([]);
    expect(found([many('a'), { kind: 'item', index: 0 }], { a: 'text' })).toEqual([]);
  });

  test('treat names as names, whatever they hold', () => {
    const name = 'x"]; throw new Error("run"); //';
    expect(found([one(name)], { [name]: 1 })).toEqual([1]);
  });

  test('read what paths share once, and visit each of them', () => {
    let reads = 0;
    const json = {
      get a() {
        reads++;
        return { b: 1, c: 2 };
      },
    };
    const values: unknown[] = [];
    const visit = (value: unknown, sink: unknown[]) => void sink.push(value);
    compileWalk<unknown[]>([
      { hops: [one('a'), one('b')], visit },
      { hops: [one('a'), one('c')], visit },
      { hops: [one('a'), one('b')], visit },
    ])(json, values);
    expect(reads).toBe(1);
    expect(values).toEqual([1, 1, 2]);
  });
});
