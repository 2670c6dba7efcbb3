import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { until } from '../../audit/support.ts';
import { ndjson, patient, sourceServer, type Source } from '../../operations/import/source.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { TestAuditLog } from './auditLog.ts';
import { WHO } from './support.ts';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
let source: Source;
let server: TestServer;
let log: TestAuditLog;
beforeAll(async () => {
  source = await sourceServer();
  server = await startTestServer({ databaseSchema: schema, importAllow: [source.url] });
  log = await TestAuditLog.open(schema);
});
afterAll(async () => {
  await log.close();
  await server.stop();
  await source.close();
});

test('an import is recorded, and each resource that it writes, for whoever began it', async () => {
  source.files.set('p.ndjson', ndjson([patient('a'), patient('b'), { resourceType: 'Patient', id: '?' }]));
  const requestId = randomUUID();
  const accepted = await server
    .api()
    .post('/$import')
    .set({ Prefer: 'respond-async', 'X-Request-Id': requestId })
    .send({
      inputFormat: 'application/fhir+ndjson',
      inputSource: 'https://elsewhere.example/fhir',
      storageDetail: { type: 'https' },
      input: [{ type: 'Patient', url: `${source.url}p.ndjson` }],
    })
    .expect(202);
  const job = accepted.headers['content-location']!.replace(/^.*\/fhir\/R4/, '');
  let result: { error: { url: string }[] } | undefined;
  await until(async () => {
    const answer = await server.api().get(job);
    result = answer.body as typeof result;
    return answer.status === 200;
  }, 'the import ended');
  const records = await log.of(requestId, 3);
  expect(
    records.map(({ event, agent, address, resources }) => ({ event, agent, address, resources })),
  ).toEqual(
    expect.arrayContaining([
      { ...WHO, event: 'import', resources: [] },
      { ...WHO, event: 'update', resources: ['Patient/a/_history/1'] },
      { ...WHO, event: 'update', resources: ['Patient/b/_history/1'] },
    ]),
  );
  expect(records).toHaveLength(3);

  const download = randomUUID();
  const file = result!.error[0]!.url.replace(/^.*\/fhir\/R4/, '');
  await server.api().get(file).set('X-Request-Id', download).expect(200);
  expect(await log.of(download)).toMatchObject([
    { ...WHO, event: 'export', outcome: 0, query: file.slice(1) },
  ]);
});
