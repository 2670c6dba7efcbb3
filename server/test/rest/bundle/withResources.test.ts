import { expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from '../support.ts';
import { bundleSender, patient, statuses, type Entry } from './support.ts';

const { api } = serverForFile();
const { send } = bundleSender(api);

const created = { resource: patient('u-1'), request: { method: 'POST' } };
const updated = { resource: patient('u-2', { id: 'u-2' }), request: { method: 'PUT' } };

test.each(['transaction', 'batch'])(
  'a %s creates and updates resources without URLs, as HAPI sends them, with a total',
  async (type) => {
    const answer = await api()
      .post('/')
      .set('Content-Type', FHIR)
      .send(fhir({ resourceType: 'Bundle', type, total: 2, entry: [created, updated] }))
      .expect(200);
    const entries = answer.body.entry as Entry[];
    expect(statuses(entries)[0]).toBe('201');
    expect(entries[0]!.response.location).toContain('/Patient/');
    expect(entries[1]!.response.location).toContain('/Patient/u-2/_history/');
  },
);

test.each([
  ['what deletes', { request: { method: 'DELETE' } }],
  ['what patches', { resource: patient('u-3', { id: 'u-3' }), request: { method: 'PATCH' } }],
  ['an update without an id', { resource: patient('u-3'), request: { method: 'PUT' } }],
  ['a create of nothing', { request: { method: 'POST' } }],
])('%s needs its URL', async (_, entry) => {
  const { body } = await send([entry]).expect(400);
  expect(body.issue[0].expression).toContain('Bundle.entry[0].request');
});
