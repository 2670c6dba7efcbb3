import { describe, expect, test } from '@jest/globals';
import { codeGroups } from '../../../../src/store/search/lastN/codeGroups.ts';
import { latest, type Candidate } from '../../../../src/store/search/lastN/latest.ts';

const concept = (...codes: string[]) =>
  JSON.stringify({ coding: codes.map((code) => ({ system: 'urn:s', code })), text: codes.join() });

describe('codes that mean the same', () => {
  test.each<[string, string[], number]>([
    ['all different', [concept('a'), concept('b'), concept('c')], 3],
    ['a shared coding', [concept('a'), concept('b'), concept('a', 'c')], 2],
    ['joined by one with both', [concept('a'), concept('b'), concept('a', 'b')], 1],
    ['joined by way of another', [concept('a', 'b'), concept('b', 'c'), concept('c', 'd'), concept('d')], 1],
    [
      'the text of what is coded does not matter',
      [concept('a'), '{"coding":[{"system":"urn:s","code":"a"}]}'],
      1,
    ],
    ['texts as they are written', ['{"text":"text"}', '{"text":"Text"}', '{"text":"t e x t"}'], 3],
    ['equal texts', ['{"text":"text"}', '{"text":"text","coding":[{"display":"d"}]}'], 1],
    ['a text is no code', ['{"text":"a"}', concept('a')], 2],
    ['another system', [concept('a'), '{"coding":[{"system":"urn:t","code":"a"}]}'], 2],
    ['no system', [concept('a'), '{"coding":[{"code":"a"}]}', '{"coding":[{"code":"a","display":"d"}]}'], 2],
    ['neither code nor text', ['{"id":"1"}', '{"id":"2"}', '{"id":"1"}'], 2],
  ])('%s', (_what, concepts, groups) => {
    expect(new Set(codeGroups(concepts)).size).toBe(groups);
  });
});

describe('the latest of each code', () => {
  const of = (rid: number, code: string, at: number | null, lo = at): Candidate => ({
    rid,
    code: concept(...code.split('')),
    hiMs: at,
    loMs: lo,
  });
  const rids = (max: number, ...candidates: Candidate[]) => latest(candidates, max).map(({ rid }) => rid);

  test('so many of each, from the most recent to the oldest', () => {
    const all = [of(1, 'a', 10), of(2, 'b', 20), of(3, 'a', 30), of(4, 'a', 40), of(5, 'b', 5)];
    expect(rids(1, ...all)).toEqual([4, 2]);
    expect(rids(2, ...all)).toEqual([4, 3, 2, 5]);
    expect(rids(9, ...all)).toEqual([4, 3, 2, 1, 5]);
  });

  test('codes that another one joins are counted together', () => {
    expect(rids(1, of(1, 'a', 10), of(2, 'b', 20), of(3, 'ab', 5))).toEqual([2]);
    expect(rids(2, of(1, 'a', 10), of(2, 'b', 20), of(3, 'ab', 5))).toEqual([2, 1]);
  });

  test('those with the time of the last one come along', () => {
    const all = [of(1, 'a', 10), of(2, 'a', 10), of(3, 'a', 20), of(4, 'a', 9)];
    expect(rids(1, ...all)).toEqual([3]);
    expect(rids(2, ...all)).toEqual([3, 1, 2]);
    expect(rids(3, ...all)).toEqual([3, 1, 2]);
    expect(rids(4, ...all)).toEqual([3, 1, 2, 4]);
  });

  test('a time is its end and its begin', () => {
    expect(rids(1, of(1, 'a', 10, 5), of(2, 'a', 10, 6), of(3, 'a', 10, 6))).toEqual([2, 3]);
    expect(rids(1, of(1, 'a', Infinity, 5), of(2, 'a', Infinity, -Infinity), of(3, 'a', 99))).toEqual([1]);
  });

  test('without a time is the oldest, the last made first, and never at the same time', () => {
    const all = [of(1, 'a', null), of(2, 'a', null), of(3, 'a', 1)];
    expect(rids(1, ...all)).toEqual([3]);
    expect(rids(2, ...all)).toEqual([3, 2]);
    expect(rids(1, of(1, 'a', null), of(2, 'a', null))).toEqual([2]);
  });
});
