import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

interface Issue {
  severity: string;
  code: string;
  diagnostics: string;
  expression?: string[];
}
interface Bundle {
  link: { url: string }[];
  entry?: {
    fullUrl?: string;
    resource: { id?: string; issue?: Issue[] };
    search: { mode: string; score?: number };
  }[];
}

const put = (type: string, id: string, more: object) =>
  api()
    .put(`/${type}/${id}`)
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: type, id, ...more }))
    .expect(201);
const get = async (path: string, prefer = '') =>
  (await api().get(path).set('Prefer', prefer).expect(200)).body as Bundle;
const shown = ({ entry = [] }: Bundle) =>
  entry.map(({ resource, search }) => `${search.mode} ${resource.id ?? ''}`.trim());
const issues = ({ entry = [] }: Bundle) => entry.at(-1)?.resource.issue;

const narrative = (text: string) => ({
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` },
});

beforeAll(async () => {
  await put('Organization', 'org', { name: 'Clinic' });
  await put('Patient', 'a', {
    active: true,
    managingOrganization: { reference: 'Organization/org' },
    ...narrative('pneumonia, pneumonia and more pneumonia'),
  });
  await put('Patient', 'b', { active: true, ...narrative('a fracture, and besides much else a pneumonia') });
  await put('Observation', 'o', {
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/a' },
  });
});

test('what is included comes after the matches, each once', async () => {
  const bundle = await get(
    '/Patient?_id=a&_include=Patient:organization&_revinclude=Observation:subject&_include=Patient:*',
  );
  expect(shown(bundle).slice(0, 1)).toEqual(['match a']);
  expect(shown(bundle).slice(1).sort()).toEqual(['include o', 'include org']);
  const urls = bundle.entry!.map(({ fullUrl }) => fullUrl);
  expect(urls.sort()).toEqual(
    ['Observation/o', 'Organization/org', 'Patient/a'].map((path) => `${base()}/${path}`),
  );
});

test('a match is not included as well, and nothing is included for a count', async () => {
  const both = await get('/?_type=Patient,Organization&_include=Patient:organization&_id=a,org');
  expect(shown(both).sort()).toEqual(['match a', 'match org']);
  expect((await get('/Patient?_count=0&_include=Patient:organization')).entry).toBeUndefined();
});

test('a ranked search tells the scores', async () => {
  const { entry } = await get('/Patient?_text=pneumonia&_sort=-_score');
  expect(entry!.map(({ resource }) => resource.id)).toEqual(['a', 'b']);
  const [first, second] = entry!.map(({ search }) => search.score!);
  expect(first).toBeGreaterThan(second!);
  expect(second).toBeGreaterThan(0);
  expect(first).toBeLessThanOrEqual(1);
});

describe('with lenient handling', () => {
  test('what cannot be used is left out of search and self link, and said once each', async () => {
    const bundle = await get('/Patient?nonsense=1&_id=a&name:wrong=x&_sort=nothing', 'handling=lenient');
    expect(shown(bundle)).toEqual(['match a', 'outcome']);
    expect(bundle.link[0]!.url).toBe(`${base()}/Patient?_id=a`);
    expect(issues(bundle)!.map(({ severity, expression }) => [severity, expression])).toEqual([
      ['warning', ['http.nonsense']],
      ['warning', ['http.name:wrong']],
      ['warning', ['http._sort']],
    ]);
  });

  test('what is written wrongly is an error all the same', async () => {
    await api().get('/Patient?_count=x').set('Prefer', 'handling=lenient').expect(400);
    await api().get('/Patient?birthdate=x').set('Prefer', 'handling=lenient').expect(400);
  });

  test('a count tells it too', async () => {
    expect(shown(await get('/Patient?_summary=count&nonsense=1', 'handling=lenient'))).toEqual(['outcome']);
  });
});

describe('_explain', () => {
  interface Explanation {
    search: { searches: { type: string }[] };
    sql: string;
    values: unknown[];
    plans: { type: string; shape: string; conditions: unknown[]; implied: unknown[] }[];
  }

  test('tells how the search was understood and run, in an outcome', async () => {
    const bundle = await get('/Patient?active=true&_explain=true');
    expect(shown(bundle).sort()).toEqual(['match a', 'match b', 'outcome']);
    const [issue] = issues(bundle)!;
    expect([issue!.severity, issue!.code]).toEqual(['information', 'informational']);
    const { search, sql, plans } = JSON.parse(issue!.diagnostics) as Explanation;
    expect(search.searches[0]!.type).toBe('Patient');
    expect(sql).toMatch(/SELECT[\s\S]*\$1/);
    expect(plans[0]).toMatchObject({ type: 'Patient', shape: expect.any(String) });
  });

  test('and which conditions others imply', async () => {
    const bundle = await get('/Patient?active=true&active=true,false&_explain=true');
    const [plan] = (JSON.parse(issues(bundle)!.at(-1)!.diagnostics) as Explanation).plans;
    expect(plan!.conditions).toHaveLength(1);
    expect(plan!.implied).toMatchObject([
      { kind: 'token', parameter: 'active', tokens: [{ code: 'true' }, { code: 'false' }] },
    ]);
  });

  test('only where it is asked for', async () => {
    for (const query of ['active=true', 'active=true&_explain=false'])
      expect(shown(await get(`/Patient?${query}`)).sort()).toEqual(['match a', 'match b']);
  });
});
