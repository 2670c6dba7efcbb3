import { describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api } = serverForFile();

const parameter = (name: string) => `Parameters.parameter.where(name = '${name}')`;
const coding = (name: string, system: string, version?: string) => ({
  name,
  valueCoding: { system, code: 'a', ...(version !== undefined && { version }) },
});
const NONE = { resourceType: 'Parameters' };
const parameters = (...all: object[]) => ({ resourceType: 'Parameters', parameter: all });

describe('a refusal says where the fault is', () => {
  test.each([
    ['CodeSystem/$lookup?code=a', parameter('code')],
    ['CodeSystem/$subsumes?codeA=a&system=urn:a', parameter('codeB')],
    ['CodeSystem/$subsumes?codeA=a&codeB=b', parameter('system')],
    ['ValueSet/$expand', parameter('url')],
    ['ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/observation-status', parameter('code')],
    ['ConceptMap/$translate', parameter('code')],
    ['Patient/a/$access-report?start=2026-02&end=2026-01', parameter('start')],
    ['Patient/a?_summary=true&_elements=name', 'http._elements'],
  ])('GET %s', async (path, expression) => {
    const { body } = await api().get(`/${path}`).expect(400);
    expect(body.issue[0].expression).toEqual([expression]);
  });

  test.each([
    ['$closure', NONE, parameter('name')],
    ['ValueSet/$batch-validate-code', NONE, parameter('validation')],
    [
      'CodeSystem/$subsumes',
      parameters(coding('codingA', 'urn:a'), coding('codingB', 'urn:b')),
      parameter('codingB'),
    ],
    [
      'CodeSystem/$subsumes',
      parameters(coding('codingA', 'urn:a', '1'), coding('codingB', 'urn:a', '2')),
      parameter('codingB'),
    ],
    [
      'ConceptMap/$translate',
      parameters(
        { name: 'code', valueCode: 'a' },
        { name: 'dependency', part: [{ name: 'element', valueUri: 'urn:e' }] },
      ),
      parameter('dependency'),
    ],
  ])('POST %s %j', async (path, body, expression) => {
    const refused = await api().post(`/${path}`).set('Content-Type', FHIR).send(fhir(body)).expect(400);
    expect(refused.body.issue[0].expression).toEqual([expression]);
  });

  test.each([
    ['post', 'Patient', { 'If-None-Exist': 'Observation?code=a' }, 400, 'http.If-None-Exist'],
    ['post', 'Patient', { 'If-Match': 'W/"1"' }, 422, 'http.If-Match'],
    ['post', 'Patient?gender=male', {}, 400, 'http.gender'],
    ['put', 'Patient/a', { 'If-Match': 'one' }, 400, 'http.If-Match'],
    ['patch', 'Patient/a', { 'If-None-Match': '*' }, 400, 'http.If-None-Match'],
  ] as const)('%s %s with %j', async (method, path, headers, status, expression) => {
    const type = method === 'patch' ? 'application/json-patch+json' : FHIR;
    const content = method === 'patch' ? '[]' : fhir({ resourceType: 'Patient', id: 'a' });
    const asked = api()[method](`/${path}`);
    const { body } = await asked
      .set({ 'Content-Type': type, ...headers })
      .send(content)
      .expect(status);
    expect(body.issue[0].expression).toEqual([expression]);
  });

  test('names that may be content are not shown', async () => {
    const { body } = await api().get('/Observation/$lastn?Jane%20Doe=1').expect(400);
    expect(JSON.stringify(body)).not.toContain('Jane');
  });
});
