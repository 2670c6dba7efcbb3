import { describe, expect, test } from '@jest/globals';
import { bundleSender, create, get, observation, patch, patient, put, type Entry } from './bundle/support.ts';
import { serverForFile } from './support.ts';

const { api, base } = serverForFile();
const { send, run } = bundleSender(api);

const ADD_ACTIVE = [
  { name: 'type', valueCode: 'add' },
  { name: 'path', valueString: 'Patient' },
  { name: 'name', valueString: 'active' },
  { name: 'value', valueBoolean: true },
];

describe('a fullUrl', () => {
  test.each<[string, string | undefined]>([
    ['its URL on this server', undefined],
    ['the URL that it has elsewhere', 'http://example.org/fhir/Patient/j-6'],
    ['a UUID', 'urn:uuid:b5f1d0c2-8f0e-4d7c-9a3b-0a1b2c3d4e60'],
  ])('of an entry that patches means what is patched: %s', async (_, url) => {
    await run(put('Patient/j-6', patient('j-6', { id: 'j-6' })));
    const fullUrl = url ?? `${base()}/Patient/j-6`;
    const fhirPath = {
      resource: { resourceType: 'Parameters', parameter: [{ name: 'operation', part: ADD_ACTIVE }] },
      request: { method: 'PATCH', url: 'Patient/j-6' },
    };
    for (const change of [patch('Patient/j-6', [{ op: 'add', path: '/active', value: true }]), fhirPath]) {
      await run(put('Patient/j-6', patient('j-6', { id: 'j-6' })));
      const [patched, observed] = await run({ ...change, fullUrl }, create(observation(fullUrl)));
      expect(patched!.resource!.active).toBe(true);
      expect(observed!.resource!.subject).toEqual({ reference: 'Patient/j-6' });
    }
  });

  test.each(['transaction', 'batch'])(
    'in a %s may repeat the URL, also with a version, as clients of HAPI write it',
    async (type) => {
      await run(put('Patient/j-7', patient('j-7', { id: 'j-7' })));
      const version = 'Patient/j-7/_history/1';
      const answer = await send(
        [
          { ...patch('Patient/j-7', [{ op: 'add', path: '/active', value: true }]), fullUrl: 'Patient/j-7' },
          create(observation('Patient/j-7')),
          create(observation(version)),
          { ...put('Patient/j-8', patient('j-8', { id: 'j-8' })), fullUrl: 'Patient/j-8/_history/3' },
          { ...get('Patient/j-7'), fullUrl: `${base()}/${version}` },
        ],
        type,
      ).expect(200);
      const [patched, current, former, updated, found] = answer.body.entry as Entry[];
      expect(patched!.resource!.active).toBe(true);
      expect(current!.resource!.subject).toEqual({ reference: 'Patient/j-7' });
      expect(former!.resource!.subject).toEqual({ reference: version });
      expect(updated!.resource!.id).toBe('j-8');
      expect(found!.resource!.id).toBe('j-7');
    },
  );

  test('of a version elsewhere means the resource', async () => {
    const url = 'http://example.org/fhir/Patient/j-11';
    const [, observed] = await run(
      { ...put('Patient/j-11', patient('j-11', { id: 'j-11' })), fullUrl: `${url}/_history/4` },
      create(observation(url)),
    );
    expect(observed!.resource!.subject).toEqual({ reference: 'Patient/j-11' });
  });

  test.each([
    ['Patient/j-9', 'Patient/j-10'],
    ['Patient/j-9', 'xPatient/j-9'],
    ['Patient/j-9', `http://example.org/fhir/Patient/j-10/_history/1`],
    ['Patient?identifier=j-9', 'Patient?identifier=j-9'],
  ])('that is no URL, nor what the request names, is refused: %s as %s', async (url, fullUrl) => {
    for (const type of ['transaction', 'batch']) {
      const { body } = await send([{ ...put(url, patient('j-9', { id: 'j-9' })), fullUrl }], type);
      const { issue } = type === 'batch' ? body.entry[0].response.outcome : body;
      expect(issue[0].expression).toEqual(['Bundle.entry[0]']);
    }
  });
});
