import { describe, expect, test } from '@jest/globals';
import { serverForFile } from '../support.ts';
import {
  bundleSender,
  create,
  observation,
  patch,
  patient,
  put,
  remove,
  statuses,
  type Body,
} from './support.ts';

const { api } = serverForFile();
const { send, count } = bundleSender(api);

const HERE = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f01';
const NOWHERE = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f02';

interface Failed {
  response: { outcome: { issue: { diagnostics: string; expression: string[] }[] } };
}

describe('a reference of a transaction by a placeholder that no entry has', () => {
  test.each<[string, Body, string]>([
    ['urn:uuid', observation(NOWHERE), '.subject'],
    ['urn:oid', observation('urn:oid:1.2.3.4'), '.subject'],
    ['in a list', observation(HERE, { performer: [{ reference: NOWHERE }] }), '.performer[0]'],
    [
      'in what is contained',
      observation(HERE, {
        hasMember: [{ reference: '#m' }],
        contained: [{ ...observation(NOWHERE), id: 'm' }],
      }),
      '.contained[0].subject',
    ],
  ])('is refused, and nothing is written: %s', async (_what, resource, place) => {
    const refused = await send([create(patient('refused'), HERE), create(resource)]).expect(400);
    expect(refused.body.issue[0].expression).toEqual([`Bundle.entry[1].resource${place}`]);
    expect(refused.body.issue[0].diagnostics).not.toContain('urn:');
    expect(await count('Patient?identifier=refused')).toBe(0);
  });

  test('is refused in updates, and where the entry writes nothing', async () => {
    const updated = { ...observation(NOWHERE), id: 'updated' };
    await send([put('Observation/updated', updated)]).expect(400);
    await send([create(observation(NOWHERE)), { fullUrl: NOWHERE, ...remove('Patient/gone') }]).expect(400);
  });

  test('stays where it is an identity, inside of a Bundle, and in what a patch leaves', async () => {
    const collection = { resourceType: 'Bundle', type: 'collection' };
    const inside = { fullUrl: HERE, resource: observation(NOWHERE) };
    const valueSet = { resourceType: 'ValueSet', status: 'draft', url: NOWHERE };
    await send([create({ ...collection, entry: [inside] }), create(valueSet)]).expect(200);
    const { body } = await api()
      .post('/Observation')
      .type('application/fhir+json')
      .send(observation(NOWHERE));
    const change = { op: 'replace', path: '/status', value: 'amended' };
    const [patched] = (await send([patch(`Observation/${body.id as string}`, [change])]).expect(200)).body
      .entry;
    expect(patched.resource).toMatchObject({ status: 'amended', subject: { reference: NOWHERE } });
  });
});

describe('entries of a batch that refer to each other', () => {
  const answersTo = async (...entries: object[]) => {
    const { body } = await send([create(patient('p'), HERE), ...entries], 'batch').expect(200);
    return body.entry as (Failed & Parameters<typeof statuses>[0][number])[];
  };

  test('are refused by themselves, with the place and what to do', async () => {
    const attached = { attachment: { url: HERE } };
    const answers = await answersTo(
      create(observation(HERE.toUpperCase().replace('URN:UUID', 'urn:uuid'))),
      create({ resourceType: 'DocumentReference', status: 'current', content: [attached] }),
      put('Observation/dependent', { ...observation(`${HERE}/_history/1`), id: 'dependent' }),
      patch('Observation/none', []),
      create(observation('Patient/elsewhere')),
    );
    expect(statuses(answers)).toEqual(['201', '400', '400', '400', '404', '201']);
    const places = answers.slice(1, 4).map(({ response }) => response.outcome.issue[0]!.expression[0]);
    expect(places).toEqual([
      'Bundle.entry[1].resource.subject',
      'Bundle.entry[2].resource.content[0].attachment',
      'Bundle.entry[3].resource.subject',
    ]);
    expect(answers[1]!.response.outcome.issue[0]!.diagnostics).toContain('as a transaction');
  });

  test('may have the same placeholder as an identity, and inside of a Bundle', async () => {
    const collection = { resourceType: 'Bundle', type: 'collection' };
    const inside = [
      { fullUrl: HERE, resource: patient('q') },
      { fullUrl: NOWHERE, resource: observation(HERE) },
    ];
    const answers = await answersTo(
      create({ resourceType: 'ValueSet', status: 'draft', url: HERE }),
      create({ ...collection, entry: inside }),
      create(observation(NOWHERE)),
    );
    expect(statuses(answers)).toEqual(['201', '201', '201', '201']);
  });
});
