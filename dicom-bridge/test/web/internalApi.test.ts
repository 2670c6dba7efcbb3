import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { openTestBridge, type TestBridge } from '../support/bridge.ts';
import { fileOf, xray } from '../support/dicomObject.ts';
import { until } from '../support/until.ts';

let bridge: TestBridge;
beforeAll(async () => {
  bridge = await openTestBridge({ maxrayUrl: 'http://127.0.0.1:9' }); // nothing is there
});
afterAll(() => bridge.stop());

const send = (body: Uint8Array, headers: Record<string, string> = { 'X-Source': 'STOW' }) =>
  bridge.ask('/objects', { method: 'POST', headers, body: new Uint8Array(body) });
const parts = () =>
  readdirSync(path.join(bridge.config.folder, 'spool')).filter((name) => name.endsWith('.part'));

test.each([
  ['none', undefined],
  ['a wrong one', `Bearer ${'x'.repeat(43)}`],
  ['a beginning of it', 'Bearer '],
])('with %s for its secret nothing is answered', async (_what, authorization) => {
  const answers = await Promise.all(
    ['/status', '/metrics', '/objects/1.2.3', '/anything'].map((at) =>
      fetch(bridge.apiUrl + at, { headers: authorization === undefined ? {} : { authorization } }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
});

test('an object is received as by C-STORE, once; another under its UID is a conflict', async () => {
  const { object, file } = xray();
  const { sopClassUid, sopInstanceUid, studyInstanceUid } = object;
  const known = { sopClassUid, sopInstanceUid, studyInstanceUid };
  expect(await (await send(file)).json()).toEqual({ status: 0, ...known });
  expect(await (await send(file)).json()).toEqual({ status: 0, ...known });
  const other = xray({ ...object, fill: 2 });
  expect(await (await send(other.file)).json()).toEqual({ status: 0x0111, ...known });
  const { objects } = await bridge.status();
  expect(objects['conflict']).toBe(1);
  const metrics = await (await bridge.ask('/metrics')).text();
  expect(metrics).toMatch('maxray_dicom_objects{state="conflict"} 1\n');
  expect(metrics).toMatch('maxray_dicom_server_up 0\n');
});

test('an object that cannot be read has a status; what is no file is refused', async () => {
  const hostile = xray({ studyInstanceUid: '../../etc' });
  expect(await (await send(hostile.file)).json()).toMatchObject({ status: 0xc000, studyInstanceUid: '' });
  const answers = await Promise.all([
    send(Buffer.from('GET / HTTP/1.1')),
    send(Buffer.alloc(100_000)),
    send(fileOf(Buffer.alloc(0)).subarray(0, 150)),
    send(hostile.file, {}),
    send(hostile.file, { 'X-Source': 'MORE_THAN_SIXTEEN' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
  for (const answer of answers) expect(await answer.json()).toEqual({ error: expect.any(String) });
  expect(parts()).toEqual([]);
});

test('a sender that breaks off leaves nothing', async () => {
  const { file, object } = xray({ rows: 512, columns: 512 });
  const before = await known();
  const broken = new ReadableStream<Uint8Array>({
    start: (to) => {
      to.enqueue(new Uint8Array(file.subarray(0, 100_000)));
      to.error(new Error('broken off'));
    },
  });
  const init = { method: 'POST', headers: { 'X-Source': 'STOW' }, body: broken, duplex: 'half' };
  await expect(bridge.ask('/objects', init as RequestInit)).rejects.toThrow();
  await until(
    async () => parts(),
    (names) => names.length === 0,
  );
  expect((await bridge.ask(`/objects/${object.sopInstanceUid}`)).status).toBe(404);
  expect(await known()).toBe(before);
});

/** How many objects there are, whatever has become of them. */
async function known(): Promise<number> {
  const { objects } = await bridge.status();
  return Object.values(objects).reduce((sum, count) => sum + count, 0);
}

test.each(['/objects/1.2.3', '/objects/..%2f..%2fledger.sqlite', '/objects/01.2', '/'])(
  'there is nothing at %s',
  async (at) => {
    const answer = await bridge.ask(at);
    expect([answer.status, await answer.json()]).toEqual([404, { error: expect.any(String) }]);
  },
);

test('its status has no patient data', async () => {
  await send(xray({ patientId: 'secret-number', patientName: 'Secret^Name' }).file);
  expect(JSON.stringify(await bridge.status())).not.toMatch(/secret/i);
});
