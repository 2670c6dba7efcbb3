import { describe, expect, test } from '@jest/globals';
import type { FoundResource, SearchResult } from '../../../src/records/search.ts';
import { URL_CHARS_MAX } from '../../../src/rest/http/limits.ts';
import { textOf } from '../../../src/rest/http/pieces.ts';
import { searchsetPieces, type Searchset } from '../../../src/rest/presentation/searchset.ts';

const BASE = 'http://localhost/fhir/R4';

const found = (id: string, more: Partial<FoundResource> = {}): FoundResource => ({
  type: 'Patient',
  id,
  content: `{"resourceType":"Patient","id":"${id}","weight":1.50}`,
  ...more,
});
const nothing: SearchResult = { matches: [], included: [], includesCut: false };

const text = (result: Partial<SearchResult>, more: Partial<Searchset> = {}) =>
  textOf(
    searchsetPieces({
      base: BASE,
      url: `${BASE}/Patient`,
      formUrl: `${BASE}/Patient/_search`,
      used: [['name', 'a b&c']],
      ignored: [],
      result: { ...nothing, ...result },
      ...more,
    }),
  );
interface Bundle {
  link: { relation: string; url: string }[];
  entry?: { resource: { issue: { severity: string; code: string; diagnostics: string }[] } }[];
}
const bundle = (...args: Parameters<typeof text>) => JSON.parse(text(...args)) as Bundle;

test('stored texts go out as they are, each with its mode and, where it was ranked, its score', () => {
  const matches = [found('a'), found('b', { score: 0.25 })];
  const included = [found('o', { type: 'Organization', content: '{"resourceType":"Organization"}' })];
  expect(text({ matches, included, total: 2 })).toBe(
    `{"resourceType":"Bundle","type":"searchset","total":2,` +
      `"link":[{"relation":"self","url":"${BASE}/Patient?name=a%20b%26c"}],"entry":[` +
      `{"fullUrl":"${BASE}/Patient/a","resource":${matches[0]!.content},"search":{"mode":"match"}},` +
      `{"fullUrl":"${BASE}/Patient/b","resource":${matches[1]!.content},"search":{"mode":"match","score":0.25}},` +
      `{"fullUrl":"${BASE}/Organization/o","resource":{"resourceType":"Organization"},"search":{"mode":"include"}}]}`,
  );
});

test('without matches there is no entry, and no total where none is known', () => {
  expect(bundle({})).toEqual({
    resourceType: 'Bundle',
    type: 'searchset',
    link: [{ relation: 'self', url: `${BASE}/Patient?name=a%20b%26c` }],
  });
  expect(bundle({ total: 0 })).toMatchObject({ total: 0 });
});

test('projectors give what is shown of each: of what is included without its own, all', () => {
  const short = { project: () => '{"short":true}', keeps: () => true };
  const shown = (projectors: Searchset['projectors']) =>
    text({ matches: [found('a')], included: [found('b')] }, { projectors: projectors! });
  expect(shown({ ofMatches: short, ofIncluded: short }).match(/"resource":\{"short":true\}/g)).toHaveLength(
    2,
  );
  expect(shown({ ofMatches: short }).match(/"resource":\{"short":true\}/g)).toHaveLength(1);
  expect(shown({ ofMatches: short })).toContain(found('b').content);
});

describe('links', () => {
  const relations = (result: Partial<SearchResult>, more: Partial<Searchset> = {}) =>
    Object.fromEntries(bundle(result, more).link.map(({ relation, url }) => [relation, url]));
  const url = `${BASE}/Patient?name=a%20b%26c`;

  test('to the other pages', () => {
    expect(relations({ next: 'N', previous: 'P' }, { page: 'S' })).toEqual({
      self: `${url}&_page=S`,
      next: `${url}&_page=N`,
      previous: `${url}&_page=P`,
      first: url,
    });
    expect(relations({ next: 'N' })).toEqual({ self: url, next: `${url}&_page=N`, first: url });
    expect(relations({}, { page: 'S' })).toEqual({ self: `${url}&_page=S`, first: url });
  });

  test('of a search that is too long for a URL take the form again, and say so', () => {
    const used: [string, string][] = [['_id', 'x'.repeat(URL_CHARS_MAX)]];
    expect(relations({ next: 'N', previous: 'P' }, { used, page: 'S' })).toEqual({
      self: `${BASE}/Patient?_id=${used[0]![1]}&_page=S`,
      next: `${BASE}/Patient/_search?_page=N`,
      previous: `${BASE}/Patient/_search?_page=P`,
      first: `${BASE}/Patient/_search`,
    });
    expect(bundle({ next: 'N' }, { used }).entry![0]!.resource.issue).toEqual([
      { severity: 'warning', code: 'too-long', diagnostics: expect.stringContaining('POST its form') },
    ]);
    expect(bundle({}, { used }).entry).toBeUndefined();
  });
});

test('all remarks stand in one outcome at the end', () => {
  const ignored = [{ severity: 'warning', code: 'not-supported', diagnostics: 'x' } as const];
  const explanation = { plan: 'walk' };
  const { entry } = bundle(
    { matches: [found('a')], included: [found('b')], includesCut: true, explanation },
    { ignored },
  );
  expect(entry).toHaveLength(3);
  expect(entry![2]).toEqual({
    resource: {
      resourceType: 'OperationOutcome',
      issue: [
        ...ignored,
        { severity: 'warning', code: 'too-costly', diagnostics: expect.stringContaining('Only 1 included') },
        { severity: 'information', code: 'informational', diagnostics: '{"plan":"walk"}' },
      ],
    },
    search: { mode: 'outcome' },
  });
});
