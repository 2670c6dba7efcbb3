import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServiceRequest } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { faultOf, hospitalNumber, issuedTo, order, Orders, posted, serialOf } from './world.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
const orders = new Orders(() => server);

const CONCURRENT = 32;
const PER_TRANSACTION = 3;

test('an order for images gets its numbers with its first version, others do not', async () => {
  const made = await orders.post(order({ identifier: [{ system: 'urn:ehr', value: 'placer-1' }] }));
  issuedTo(made);
  expect(made.identifier![0]).toEqual({ system: 'urn:ehr', value: 'placer-1' });
  const { body } = await server.api().get(`/ServiceRequest/${made.id}/_history/1`);
  expect(body).toEqual(made);
  const found = await server
    .api()
    .get(`/ServiceRequest?identifier=${issuedTo(made).accession}&_summary=count`);
  expect(found.body.total).toBe(1);

  for (const other of [
    order({ intent: 'plan' }),
    order({ category: [{ text: 'laboratory' }] }),
    order({ doNotPerform: true }),
    order({ status: 'completed' }),
  ])
    expect((await orders.post(other)).identifier).toBeUndefined();
});

test(`${CONCURRENT} creates, updates and transactions at once give different numbers`, async () => {
  const ways: ((i: number) => Promise<ServiceRequest[]>)[] = [
    async () => [await orders.post(order())],
    async (i) => [await orders.put(order({ id: `at-once-${i}` }), 201)],
    () => orders.transact(Array.from({ length: PER_TRANSACTION }, () => posted(order()))),
    async (i) => [await orders.post(order(), 201, { 'If-None-Exist': `identifier=urn:ehr|at-once-${i}` })],
  ];
  const made = await Promise.all(Array.from({ length: CONCURRENT }, (_, i) => ways[i % ways.length]!(i)));
  const numbers = made.flat().map(issuedTo);
  expect(numbers).toHaveLength((CONCURRENT / ways.length) * (ways.length - 1 + PER_TRANSACTION));
  expect(new Set(numbers.map(({ accession }) => accession)).size).toBe(numbers.length);
  expect(new Set(numbers.map(({ study }) => study)).size).toBe(numbers.length);
});

test('one order that many make at once has one pair of numbers', async () => {
  const put = async () =>
    server
      .api()
      .put('/ServiceRequest/of-many')
      .send(order({ id: 'of-many' }));
  const answers = await Promise.all(Array.from({ length: 8 }, put));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(answers.map(({ body }) => JSON.stringify(issuedTo(body as ServiceRequest)))).size).toBe(1);
});

test('numbers of a transaction that is rolled back are not given again', async () => {
  const before = serialOf(issuedTo(await orders.post(order())).accession);
  const failing = {
    resource: order({ id: 'of-many' }),
    request: { method: 'PUT', url: 'ServiceRequest/of-many', ifMatch: 'W/"999"' },
  };
  await orders.transact([posted(order({ identifier: [hospitalNumber('ROLLED-BACK')] })), failing], 412);
  await orders.transact([posted(order()), posted(order()), failing], 412);
  const after = serialOf(issuedTo(await orders.post(order())).accession);
  expect(after).toBeGreaterThan(before + 2);
  await orders.post(order({ identifier: [hospitalNumber('ROLLED-BACK')] }));
});

test('an order keeps its numbers, whether a client sends them back or not', async () => {
  const made = await orders.post(order());
  const numbers = issuedTo(made);
  const { identifier: _, ...without } = made;
  expect(issuedTo(await orders.put({ ...without, priority: 'urgent' }))).toEqual(numbers);
  expect(issuedTo(await orders.put({ ...made, priority: 'stat' }))).toEqual(numbers);
  expect(issuedTo(await orders.put({ ...without, intent: 'plan' }))).toEqual(numbers);
  const [updated] = await orders.transact([
    {
      resource: { ...without, status: 'completed' },
      request: { method: 'PUT', url: `ServiceRequest/${made.id}` },
    },
  ]);
  expect(issuedTo(updated!)).toEqual(numbers);
  await server.api().delete(`/ServiceRequest/${made.id}`).expect(204);
  expect(issuedTo(await orders.put(without, 201))).toEqual(numbers);
});

test('a number cannot be changed, nor patched away', async () => {
  const made = await orders.post(order());
  const [accession, study] = made.identifier!;
  const other = { ...accession!, value: 'OTHER' };
  const changed = { ...made, identifier: [study!, other] };
  expect(faultOf(await orders.put(changed, 422))).toEqual([
    'business-rule',
    'ServiceRequest.identifier[1].value',
  ]);
  const entry = { resource: changed, request: { method: 'PUT', url: `ServiceRequest/${made.id}` } };
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [posted(order()), entry] };
  const refused = await server.api().post('/').send(bundle).expect(422);
  expect(faultOf(refused.body)[1]).toBe('Bundle.entry[1].resource.identifier[1].value');
  const removed = await orders.patch(made.id, [{ op: 'remove', path: '/identifier/0' }], 422);
  expect(faultOf(removed)).toEqual(['business-rule', 'ServiceRequest.identifier']);
  const patched = await orders.patch(made.id, [{ op: 'replace', path: '/status', value: 'on-hold' }]);
  expect(issuedTo(patched)).toEqual(issuedTo(made));
});

test('what becomes an order gets its numbers then', async () => {
  const planned = await orders.post(order({ intent: 'plan' }));
  const value = 'order';
  issuedTo(await orders.patch(planned.id, [{ op: 'replace', path: '/intent', value }]));
  const another = await orders.post(order({ intent: 'plan' }));
  issuedTo(await orders.put({ ...another, intent: 'order' }));
});

test('a conditional create that finds the order gives it with the numbers that it has', async () => {
  const value = randomUUID();
  const criteria = { 'If-None-Exist': `identifier=urn:ehr|${value}` };
  const identifier = [{ system: 'urn:ehr', value }];
  const made = await orders.post(order({ identifier }), 201, criteria);
  expect(issuedTo(await orders.post(order({ identifier }), 200, criteria))).toEqual(issuedTo(made));
});

test('who may write orders only gets numbers as well', async () => {
  const people = new People(server);
  await people.prepare();
  await people.policy('orders-only', [{ resourceType: 'ServiceRequest' }]);
  const profile = 'Practitioner/orderer';
  const authorization = await people.client('orderer', { profile, policies: ['orders-only'] });
  const made = await orders.post(order(), 201, { Authorization: authorization });
  const { identifier: _, ...without } = made;
  const answer = await server
    .api()
    .put(`/ServiceRequest/${made.id}`)
    .set('Authorization', authorization)
    .send(without);
  expect(issuedTo(answer.body as ServiceRequest)).toEqual(issuedTo(made));
});
