import { expect, test } from '@jest/globals';
import { serverForFile } from '../rest/support.ts';

interface Statement {
  resourceType: string;
  codeSystem: { uri: string; version?: { code: string }[] }[];
  expansion: { parameter: { name: string }[] };
}

const { api } = serverForFile();

test('metadata?mode=terminology tells of code systems and of what $expand takes', async () => {
  const system = { resourceType: 'CodeSystem', id: 'c', url: 'http://example.org/c', version: '3' };
  const body = { ...system, status: 'active', content: 'complete', concept: [{ code: 'x' }] };
  const put = () => api().put('/CodeSystem/c').type('application/fhir+json').send(JSON.stringify(body));
  const read = async () => JSON.parse((await api().get('/metadata?mode=terminology')).text) as Statement;
  const before = await read();
  expect(before.resourceType).toBe('TerminologyCapabilities');
  const uris = before.codeSystem.map(({ uri }) => uri);
  for (const uri of [
    'http://unitsofmeasure.org',
    'urn:ietf:bcp:13',
    'http://hl7.org/fhir/administrative-gender',
  ])
    expect(uris).toContain(uri);
  expect(before.expansion.parameter).toContainEqual({ name: 'force-system-version' });
  await put();
  expect((await read()).codeSystem).toContainEqual({
    uri: 'http://example.org/c',
    version: [{ code: '3' }],
    subsumption: true,
  });
  const other = JSON.parse((await api().get('/metadata?mode=full')).text) as Statement;
  expect(other.resourceType).toBe('CapabilityStatement');
});
