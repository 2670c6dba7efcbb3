import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf, type Client } from '../acceptance/support/client.ts';
import {
  put,
  refusal,
  reindex,
  reindexed,
  reindexReport,
  searchParameter,
} from '../support/searchParameters.ts';
import { startTestServer } from '../support/server.ts';

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
beforeAll(async () => {
  server = await startTestServer();
  client = clientOf(server.url);
  for (const id of ['a', 'b'])
    await put(client, { resourceType: 'Patient', id, contact: [{ name: { family: id } }] } as never);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const post = (path: string, parameter: object[] = []) =>
  client.send(path, {
    method: 'POST',
    body: { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) },
  });

test('where nothing was added there is nothing to do', async () => {
  for (const answer of [await client.send('$reindex'), await client.send('$reindex', { method: 'POST' })]) {
    expect(answer.status).toBe(200);
    expect(reindexReport(answer)).toEqual({ status: 'complete', reasons: [], types: {}, parameters: {} });
  }
});

test('an added parameter is told as pending, its type as in need, and GET starts nothing', async () => {
  await put(client, searchParameter('nick'));
  for (let i = 0; i < 2; i++)
    expect(reindexReport(await client.send('$reindex'))).toEqual({
      status: 'needed',
      reasons: [],
      types: { Patient: { name: 'Patient', status: 'needed', done: 0, changed: 0 } },
      parameters: {
        nick: { resource: { reference: 'SearchParameter/nick' }, status: 'pending', code: 'nick' },
      },
    });
});

test('POST is accepted, and GET tells when all is done', async () => {
  const accepted = await client.send('$reindex', { method: 'POST' });
  expect([accepted.status, reindexReport(accepted).status]).toEqual([202, 'running']);
  const { types, parameters } = await reindexed(client);
  expect(types.Patient).toMatchObject({ status: 'complete', done: 2, changed: 2, total: 2 });
  expect(Date.parse(types.Patient!.finished as string)).not.toBeNaN();
  expect(parameters.nick).toMatchObject({ status: 'ready' });
});

test('a parameter that cannot be used is told with its reason', async () => {
  await put(client, searchParameter('wrong', { expression: 'Patient.nothing' }));
  const { status, parameters } = reindexReport(await client.send('$reindex'));
  expect([status, parameters.wrong]).toEqual([
    'complete',
    {
      resource: { reference: 'SearchParameter/wrong' },
      status: 'unused',
      reason: expect.stringContaining('Patient.nothing'),
    },
  ]);
});

test('at type level it is about the type, and walks it whether it needs that or not', async () => {
  await put(client, searchParameter('group-nick', { base: ['Group'], expression: 'Group.name' }));
  const before = reindexReport(await client.send('Patient/$reindex'));
  expect([before.status, Object.keys(before.types), Object.keys(before.parameters)]).toEqual([
    'complete',
    ['Patient'],
    ['nick'],
  ]);
  expect((await post('Patient/$reindex')).status).toBe(202);
  let report = before;
  while (report.status !== 'complete') report = reindexReport(await client.send('Patient/$reindex'));
  expect(reindexReport(await client.send('Group/$reindex')).status).toBe('needed');
  await reindex(client);
  expect(reindexReport(await client.send('Group/$reindex')).status).toBe('complete');
});

test('all=true walks every type that has resources', async () => {
  expect((await post('$reindex', [{ name: 'all', valueBoolean: true }])).status).toBe(202);
  const { types } = await reindexed(client);
  expect(types.SearchParameter).toMatchObject({ status: 'complete', done: 3, changed: 0 });
  expect(types.Patient).toMatchObject({ done: 2, changed: 0 });
});

test('what it does not take is refused', async () => {
  const strange = await post('$reindex', [{ name: 'type', valueCode: 'Patient' }]);
  expect([strange.status, refusal(strange)]).toEqual([400, "$reindex does not take 'type'; it takes all."]);
  const typed = await post('Patient/$reindex', [{ name: 'all', valueBoolean: true }]);
  expect([typed.status, refusal(typed)]).toEqual([
    400,
    "$reindex does not take 'all'; it takes no parameters.",
  ]);
  const asked = await client.send('$reindex?all=true');
  expect(asked.status).toBe(400);
  const word = await post('$reindex', [{ name: 'all', valueString: 'yes' }]);
  expect([word.status, refusal(word)]).toEqual([400, 'all must be true or false.']);
  expect((await client.send('Patient/a/$reindex')).status).toBe(404);
});

test('the CapabilityStatement names it', async () => {
  const { rest } = JSON.parse((await client.send('metadata')).text) as {
    rest: [{ operation: { name: string }[] }];
  };
  expect(rest[0].operation.map(({ name }) => name)).toContain('reindex');
});
