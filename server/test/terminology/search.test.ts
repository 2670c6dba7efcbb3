import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, serverForFile } from '../rest/support.ts';

interface Searchset {
  entry?: { resource: { id: string } }[];
}

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const GROUPS = 'http://example.org/groups';

describe('searches that ask what codes mean', () => {
  const { api, base } = serverForFile();
  const put = async (resource: { resourceType: string; id: string }) => {
    const response = await api()
      .put(`/${resource.resourceType}/${resource.id}`)
      .type(FHIR)
      .send(JSON.stringify(resource));
    if (response.status !== 201) throw new Error(response.text);
  };
  const found = async (query: string) => {
    const response = await api().get(`/${query}`);
    expect(response.status).toBe(200);
    const { entry = [] } = JSON.parse(response.text) as Searchset;
    return entry.map(({ resource }) => resource.id).sort();
  };
  const observation = (id: string, code?: string) =>
    put({
      resourceType: 'Observation',
      id,
      status: 'final',
      subject: { reference: 'Patient/p' },
      code: code === undefined ? { text: 'none' } : { coding: [{ system: GROUPS, code }] },
    } as never);

  beforeAll(async () => {
    await put({ resourceType: 'Patient', id: 'p' });
    await put({
      resourceType: 'CodeSystem',
      id: 'groups',
      url: GROUPS,
      status: 'active',
      caseSensitive: true,
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'a1', concept: [{ code: 'a11' }] }] }, { code: 'b' }],
    } as never);
    await put({
      resourceType: 'ValueSet',
      id: 'some',
      url: 'http://example.org/some',
      status: 'active',
      compose: { include: [{ system: GROUPS, concept: [{ code: 'a1' }, { code: 'b' }] }] },
    } as never);
    await put({
      resourceType: 'ValueSet',
      id: 'another',
      url: `${base()}/ValueSet/named`,
      status: 'active',
      compose: { include: [{ system: GROUPS, concept: [{ code: 'a' }] }] },
    } as never);
    for (const code of ['a', 'a1', 'a11', 'b']) await observation(code, code);
    await observation('none');
  });

  test(':in and :not-in', async () => {
    expect(await found('Observation?code:in=http://example.org/some')).toEqual(['a1', 'b']);
    expect(await found('Observation?code:in=ValueSet/some')).toEqual(['a1', 'b']);
    expect(await found(`Observation?code:in=${base()}/ValueSet/some`)).toEqual(['a1', 'b']);
    // That URL may also be the canonical of another.
    expect(await found(`Observation?code:in=${base()}/ValueSet/named`)).toEqual(['a']);
    expect(await found('Observation?code:not-in=http://example.org/some')).toEqual(['a', 'a11', 'none']);
    expect(await found('Observation?code:in=http://hl7.org/fhir/ValueSet/administrative-gender')).toEqual([]);
  });

  test(':above and :below', async () => {
    expect(await found(`Observation?code:below=${GROUPS}|a1`)).toEqual(['a1', 'a11']);
    expect(await found(`Observation?code:above=${GROUPS}|a1`)).toEqual(['a', 'a1']);
    expect(await found(`Observation?code:below=${ACT}|AMB`)).toEqual([]);
  });

  test('beneath others', async () => {
    expect(await found('Patient?_has:Observation:subject:code:in=http://example.org/some')).toEqual(['p']);
    expect(await found('Observation?subject:Patient._id=p&code:in=http://example.org/some')).toEqual([
      'a1',
      'b',
    ]);
  });

  test('what is not known, or cannot be listed', async () => {
    const refused = async (query: string) => {
      const { text } = await api().get(`/Observation?${query}`).expect(400);
      return (JSON.parse(text) as { issue: { diagnostics: string; expression: string[] }[] }).issue[0]!;
    };
    const inNone = await refused('code:in=http://nobody/knows');
    expect(inNone.expression).toEqual(['http.code:in']);
    expect(inNone.diagnostics).toMatch(/^The value of 'code:in' cannot be used: .*http:\/\/nobody\/knows/);
    const of = async (query: string) => (await refused(query)).expression;
    expect(await of(`code:not-in=${base()}/ValueSet/nowhere`)).toEqual(['http.code:not-in']);
    expect(await of('code:below=a')).toEqual(['http.code:below']);
    expect(await of('code:below=http://nobody|a')).toEqual(['http.code:below']);
    expect(await of('code:in=ValueSet/nowhere')).toEqual(['http.code:in']);
    expect(await of('_has:Observation:has-member:code:in=ValueSet/nowhere')).toEqual([
      'http._has:Observation:has-member:code:in',
    ]);
    for (const strange of ['code:in=Jane%20Roe%3F', 'code:above=Jane%20Roe%3F|a']) {
      expect((await refused(strange)).diagnostics).not.toContain('Jane');
    }
    expect((await api().get('/Observation?code:in=http://unitsofmeasure.org/vs')).status).toBe(422);
  });

  describe('in the criteria of writes', () => {
    const ids = async () => found('Observation?_elements=id');
    const create = (criteria: string) =>
      api()
        .post('/Observation')
        .type(FHIR)
        .set('If-None-Exist', criteria)
        .send(JSON.stringify({ resourceType: 'Observation', status: 'final', code: { text: 'new' } }));

    test('mean the same', async () => {
      expect((await create(`code:below=${GROUPS}|a11`)).status).toBe(200);
      expect((await create('code:in=http://example.org/some')).status).toBe(412);
      const body = { resourceType: 'Observation', status: 'amended' };
      const updated = await api()
        .put(`/Observation?code:below=${GROUPS}|a11`)
        .type(FHIR)
        .send(JSON.stringify({ ...body, code: { coding: [{ system: GROUPS, code: 'a11' }] } }));
      expect([updated.status, (JSON.parse(updated.text) as { id: string }).id]).toEqual([200, 'a11']);
      const before = await ids();
      expect((await api().delete('/Observation?code:in=http://example.org/some')).status).toBe(204);
      expect(await ids()).toEqual(before.filter((id) => id !== 'a1' && id !== 'b'));
    });

    test('also in a transaction, with links to its entries and as references', async () => {
      const entry = (resource: object, request: object, fullUrl?: string) => ({ fullUrl, resource, request });
      const patient = 'urn:uuid:00000000-0000-4000-8000-000000000001';
      const subject = { reference: `Patient?_has:Observation:subject:code:below=${GROUPS}|a11` };
      const created = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject };
      const ifNoneExist = `subject=${patient}&code:above=${GROUPS}|a1`;
      const bundle = {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          entry({ resourceType: 'Patient' }, { method: 'POST', url: 'Patient' }, patient),
          entry(created, { method: 'POST', url: 'Observation', ifNoneExist }),
        ],
      };
      await api().delete('/Observation/a11');
      await observation('a11', 'a11');
      const response = await api().post('/').type(FHIR).send(JSON.stringify(bundle));
      expect(response.status).toBe(200);
      expect(response.text).toMatch('"201');
    });

    test('what is not known is refused, where it stands', async () => {
      const before = await ids();
      expect((await create('code:in=http://nobody/knows')).status).toBe(400);
      const request = { method: 'DELETE', url: 'Observation?code:in=http://nobody/knows' };
      const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ request }] };
      const response = await api().post('/').type(FHIR).send(JSON.stringify(bundle));
      expect(response.status).toBe(400);
      expect(response.text).toMatch('Bundle.entry[0].request.url');
      expect(await ids()).toEqual(before);
    });

    test('of many at once that mean the same, one creates', async () => {
      const spellings = [`code:in=http://example.org/some`, `code=${GROUPS}|a1,${GROUPS}|b`];
      const body = { resourceType: 'Observation', status: 'final' };
      const sent = JSON.stringify({ ...body, code: { coding: [{ system: GROUPS, code: 'b' }] } });
      const all = Array.from({ length: 16 }, (_, i) =>
        api()
          .post('/Observation')
          .type(FHIR)
          .set('If-None-Exist', spellings[i % 2]!)
          .send(sent),
      );
      const statuses = (await Promise.all(all)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(1);
      expect(statuses.filter((status) => status === 200)).toHaveLength(15);
    });
  });
});
