import { describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from '../support.ts';
import { bundleSender, put, type Entry } from './support.ts';

const { api } = serverForFile();
const { send } = bundleSender(api);

const patch = (resource: object) => ({ resource, request: { method: 'PATCH', url: 'Patient/p' } });
const binary = (more: object) => patch({ resourceType: 'Binary', ...more });
const operation = (...part: object[]) =>
  patch({ resourceType: 'Parameters', parameter: [{ name: 'operation', part }] });

/** Entries whose patch cannot be read, with what their faults name below the entry. */
const UNREADABLE = [
  ['no Binary and no Parameters', patch({ resourceType: 'Patient', id: 'p' }), '.resource'],
  ['no data', binary({ contentType: 'application/json-patch+json' }), '.resource'],
  ['no patch', binary({ contentType: 'text/plain', data: 'e30=' }), '.resource.contentType'],
  ['no JSON', binary({ contentType: 'application/json-patch+json', data: 'e309' }), '.resource'],
  [
    'no FHIRPath',
    operation({ name: 'type', valueCode: 'delete' }, { name: 'path', valueString: 'Patient.name[' }),
    '.resource.parameter[0].part[1]',
  ],
  [
    'an unknown type',
    operation({ name: 'type', valueCode: 'remove' }, { name: 'path', valueString: 'Patient.name' }),
    '.resource.parameter[0].part[0]',
  ],
] as const;

describe('an entry whose patch cannot be read', () => {
  test.each(UNREADABLE)('%s: is named by a transaction', async (_what, entry, below) => {
    const refused = await send([
      put('Patient/other', { resourceType: 'Patient', id: 'other' }),
      entry,
    ]).expect(400);
    expect(refused.body.issue[0].expression).toEqual([`Bundle.entry[1]${below}`]);
    await api().get('/Patient/other').expect(404);
  });

  test.each(UNREADABLE)('%s: is named by a batch', async (_what, entry, below) => {
    const { body } = await send([entry], 'batch').expect(200);
    const [{ response }] = body.entry as [Entry];
    expect(response.status).toMatch(/^400/);
    expect(response.outcome!.issue[0]).toMatchObject({ expression: [`Bundle.entry[0]${below}`] });
  });
});

test('a batch reads no base64 that is none, and no Parameters that are none', async () => {
  await api()
    .put('/Patient/p')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Patient', id: 'p' }))
    .expect(201);
  const data = Buffer.from('[{"op":"add","path":"/active","value":true}]').toString('base64');
  const { body } = await send(
    [
      binary({ contentType: 'application/json-patch+json', data: `!${data}` }),
      patch({ resourceType: 'Parameters', parameter: [], nonsense: true }),
    ],
    'batch',
  ).expect(200);
  expect((body.entry as Entry[]).map(({ response }) => response.status.slice(0, 3))).toEqual(['400', '400']);
  expect((await api().get('/Patient/p').expect(200)).body.meta.versionId).toBe('1');
});
