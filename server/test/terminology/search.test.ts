import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, serverForFile } from '../rest/support.ts';

interface Searchset {
  entry?: { resource: { id: string } }[];
}

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const GROUPS = 'http://example.org/groups';

describe('searches that ask what codes mean', () => {
  const { api } = serverForFile();
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
    for (const code of ['a', 'a1', 'a11', 'b']) await observation(code, code);
    await observation('none');
  });

  test(':in and :not-in', async () => {
    expect(await found('Observation?code:in=http://example.org/some')).toEqual(['a1', 'b']);
    expect(await found('Observation?code:in=ValueSet/some')).toEqual(['a1', 'b']);
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
    expect((await api().get('/Observation?code:in=http://nobody/knows')).status).toBe(404);
    expect((await api().get('/Observation?code:below=a')).status).toBe(400);
    expect((await api().get('/Observation?code:below=http://nobody|a')).status).toBe(422);
    expect((await api().get('/Observation?code:in=http://unitsofmeasure.org/vs')).status).toBe(422);
  });

  test('not in the criteria of writes', async () => {
    const response = await api().delete('/Observation?code:in=http://example.org/some');
    expect(response.status).toBe(400);
    expect(response.text).toMatch('write the codes');
  });
});
