import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { FHIR, fhir } from '../support.ts';

/** Policies: who sees and changes Ann alone; who reads nothing of hers but her name; who has Binary by policy, too. */
const ANN = 'Patient?_id=ann';
const POLICIES = {
  ann: [
    { resourceType: 'Patient', criteria: ANN },
    { resourceType: 'DocumentReference', criteria: 'DocumentReference?patient=Patient/ann' },
  ],
  clerk: [{ resourceType: 'Patient', hiddenFields: ['birthDate'] }],
  reader: [{ resourceType: 'Patient', criteria: ANN, readonly: true }, { resourceType: 'Binary' }],
  scribe: [{ resourceType: 'Patient', criteria: ANN }, { resourceType: 'Binary' }],
  blind: [{ resourceType: 'Patient' }, { resourceType: 'Binary', hiddenFields: ['data'] }],
};
type Who = keyof typeof POLICIES;

let server: TestServer;
const tokens = new Map<string, string>();

beforeAll(async () => {
  server = await startTestServer();
  const people = new People(server);
  await people.prepare();
  for (const id of ['ann', 'ben']) await people.put({ resourceType: 'Patient', id, birthDate: '1980-01-01' });
  for (const [id, resource] of Object.entries(POLICIES)) {
    await people.policy(id, resource as Parameters<People['policy']>[1]);
    tokens.set(id, await people.client(id, { profile: 'Practitioner/x', policies: [id] }));
  }
  const standing = { profile: 'Practitioner/x', policies: ['ann'] };
  tokens.set('app', await people.client('app', standing, 'system/Patient.rs'));
  tokens.set('binaries', await people.client('binaries', standing, 'system/Patient.rs system/Binary.r'));
  tokens.set('admin', server.authorization);
  for (const [id, securityContext] of Object.entries({
    'of-ann': { reference: 'Patient/ann' },
    'of-ben': { reference: 'Patient/ben' },
    'of-nobody': { reference: 'Patient/nobody' },
    elsewhere: { reference: 'https://other.example/fhir/Patient/ann' },
    absolute: { reference: `${server.url}/fhir/R4/Patient/ann` },
    named: { display: 'Ann' },
  }))
    await people.put({ ...TEXT, id, securityContext });
  await people.put({ ...TEXT, id: 'of-binary', securityContext: { reference: 'Binary/of-ann' } });
  await people.put({ ...TEXT, id: 'plain' });
  await people.put({
    ...{
      resourceType: 'DocumentReference',
      id: 'ann',
      status: 'current',
      subject: { reference: 'Patient/ann' },
    },
    content: [{ attachment: { url: 'Binary/of-ann' } }],
  });
});
afterAll(() => server.stop());

const TEXT = { resourceType: 'Binary', contentType: 'text/plain', data: 'aGk=' };

const send = (who: Who | 'app' | 'binaries' | 'admin', path: string, init: RequestInit = {}) =>
  fetch(`${server.url}/fhir/R4/${path}`, {
    ...init,
    headers: { Authorization: tokens.get(who)!, ...(init.headers as Record<string, string>) },
  });
const status = async (...sent: Parameters<typeof send>) => (await send(...sent)).status;
const upload = (who: Who | 'admin', path: string, context?: string, method = 'POST') =>
  send(who, path, {
    method,
    headers: { 'Content-Type': 'image/png', ...(context !== undefined && { 'X-Security-Context': context }) },
    body: 'bytes',
  });
const idOf = async (answer: Response) => ((await answer.json()) as { id: string }).id;
const textOf = async (answer: Response) =>
  ((await answer.json()) as { issue: { diagnostics: string }[] }).issue[0]!.diagnostics;

describe('who may see all of what a Binary names reads it', () => {
  test('raw, as FHIR, its head, its version and its history', async () => {
    const raw = await send('ann', 'Binary/of-ann');
    expect([raw.status, await raw.text(), raw.headers.get('x-security-context')]).toEqual([
      200,
      'hi',
      'Patient/ann',
    ]);
    expect(await (await send('ann', 'Binary/of-ann', { headers: { Accept: FHIR } })).json()).toMatchObject(
      TEXT,
    );
    expect(await status('ann', 'Binary/of-ann', { method: 'HEAD' })).toBe(200);
    expect(await (await send('ann', 'Binary/of-ann/_history/1')).text()).toBe('hi');
    expect(await (await send('ann', 'Binary/of-ann/_history')).json()).toMatchObject({ entry: [{}] });
    expect(await (await send('ann', 'Binary/absolute')).text()).toBe('hi');
  });

  test.each(['of-ben', 'of-nobody', 'elsewhere', 'named', 'of-binary', 'plain', 'no-such'])(
    'and nobody else: Binary/%s is not there',
    async (id) => {
      for (const path of [`Binary/${id}`, `Binary/${id}/_history/1`, `Binary/${id}/_history`])
        expect([path, await status('ann', path)]).toEqual([path, 404]);
      expect(await status('ann', `Binary/${id}`, { headers: { Accept: FHIR } })).toBe(404);
    },
  );

  test('not who sees it in part', async () => {
    expect(await status('clerk', 'Patient/ann')).toBe(200);
    expect(await status('clerk', 'Binary/of-ann')).toBe(404);
  });

  test('also who has Binary by policy, which is all that decides where it names nothing', async () => {
    expect(await status('reader', 'Binary/plain')).toBe(200);
    expect(await status('reader', 'Binary/of-ann')).toBe(200);
    expect(await status('reader', 'Binary/of-ben')).toBe(404);
  });

  test('an app as far as its scopes name Binary', async () => {
    expect(await status('app', 'Patient/ann')).toBe(200);
    expect(await status('app', 'Binary/of-ann')).toBe(403);
    expect(await status('binaries', 'Binary/of-ann')).toBe(200);
    expect(await status('binaries', 'Binary/of-ben')).toBe(404);
  });

  test('and is not told of others by histories, searches, batches and what comes along', async () => {
    for (const path of ['_history?_count=500', 'Binary/_history?_count=500', 'Patient/ann/$everything']) {
      const text = await (await send('ann', path)).text();
      expect([path, /Binary\/(of-ben|of-nobody|elsewhere|named|of-binary|plain)/.exec(text)]).toEqual([
        path,
        null,
      ]);
      expect([path, text.includes('Binary/of-ann')]).toEqual([path, true]);
    }
    for (const who of ['ann', 'reader'] as const) {
      expect(await status(who, 'Binary?_id=of-ann')).toBe(403);
      const found = await (await send(who, '?_type=Binary,Patient')).text();
      expect([who, found.includes('Patient/ann'), found.includes('Binary/')]).toEqual([who, true, false]);
    }
    for (const type of ['batch', 'transaction']) {
      const entry = ['of-ann', 'of-ben'].map((id) => ({ request: { method: 'GET', url: `Binary/${id}` } }));
      const entries = type === 'batch' ? entry : entry.slice(1);
      const body = fhir({ resourceType: 'Bundle', type, entry: entries });
      const answer = await send('ann', '', { method: 'POST', headers: { 'Content-Type': FHIR }, body });
      if (type === 'transaction') expect(answer.status).toBe(404);
      else {
        const bundle = (await answer.json()) as { entry: { response: { status: string } }[] };
        expect(bundle.entry.map(({ response }) => response.status.slice(0, 3))).toEqual(['200', '404']);
      }
    }
  });

  test('an earlier version only where that, too, names what may be seen', async () => {
    const put = (reference: string) =>
      send('admin', 'Binary/moved', {
        method: 'PUT',
        headers: { 'Content-Type': FHIR },
        body: fhir({ ...TEXT, id: 'moved', securityContext: { reference } }),
      });
    await put('Patient/ben');
    await put('Patient/ann');
    expect(await status('ann', 'Binary/moved')).toBe(200);
    expect(await status('ann', 'Binary/moved/_history/1')).toBe(404);
    await put('Patient/ben');
    expect(await status('ann', 'Binary/moved/_history/2')).toBe(404);
  });

  test('not the bytes where they are hidden', async () => {
    const id = await idOf(await upload('admin', 'Binary'));
    expect(await status('blind', `Binary/${id}`)).toBe(403);
    expect(await status('blind', `Binary/${id}`, { headers: { Accept: FHIR } })).toBe(403);
  });
});

describe('raw bytes are taken from callers with limits', () => {
  test('whose policies let them make Binaries, for what they may see', async () => {
    const created = await upload('scribe', 'Binary', 'Patient/ann');
    expect(created.status).toBe(201);
    const id = await idOf(created);
    expect(await (await send('ann', `Binary/${id}`)).text()).toBe('bytes');
    expect((await upload('scribe', 'Binary')).status).toBe(201);
    expect((await upload('ann', 'Binary', 'Patient/ann')).status).toBe(403);
  });

  test('not for what they may not see, whether it is there or not', async () => {
    const [hidden, absent] = [
      await upload('scribe', 'Binary', 'Patient/ben'),
      await upload('scribe', 'Binary', 'Patient/nobody'),
    ];
    expect([hidden.status, absent.status]).toEqual([403, 403]);
    expect(await textOf(hidden)).toBe(await textOf(absent));
  });

  test('over those whose context they may change', async () => {
    const id = await idOf(await upload('scribe', 'Binary', 'Patient/ann'));
    expect((await upload('reader', `Binary/${id}`, 'Patient/ann', 'PUT')).status).toBe(403);
    expect((await upload('scribe', `Binary/${id}`, 'Patient/ben', 'PUT')).status).toBe(403);
    expect((await upload('scribe', 'Binary/of-ben', 'Patient/ann', 'PUT')).status).toBe(404);
    expect((await upload('scribe', `Binary/${id}`, 'Patient/ann', 'PUT')).status).toBe(200);
    for (const [who, code] of [
      ['reader', 403],
      ['scribe', 204],
    ] as const)
      expect([who, await status(who, `Binary/${id}`, { method: 'DELETE' })]).toEqual([who, code]);
    expect(await status('scribe', 'Binary/of-ben', { method: 'DELETE' })).toBe(204);
    expect(await status('admin', 'Binary/of-ben')).toBe(200);
  });

  test('and FHIR goes by the same', async () => {
    const post = (body: object) =>
      status('scribe', 'Binary', { method: 'POST', headers: { 'Content-Type': FHIR }, body: fhir(body) });
    expect(await post({ ...TEXT, securityContext: { reference: 'Patient/ben' } })).toBe(403);
    expect(await post({ ...TEXT, securityContext: { reference: 'Patient/ann' } })).toBe(201);
  });

  test('at once, each with its own bytes', async () => {
    const put = (n: number) =>
      send('scribe', 'Binary/raced', {
        method: 'PUT',
        headers: { 'Content-Type': 'image/png', 'X-Security-Context': 'Patient/ann' },
        body: `bytes ${n}`,
      });
    const answers = await Promise.all([1, 2, 3].map(put));
    expect(answers.map((one) => one.status).sort()).toEqual([200, 200, 201]);
    const versions = await Promise.all(
      [1, 2, 3].map(async (one) => (await send('scribe', `Binary/raced/_history/${one}`)).text()),
    );
    expect(versions.sort()).toEqual(['bytes 1', 'bytes 2', 'bytes 3']);
  });
});
