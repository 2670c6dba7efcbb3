import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir } from '../rest/support.ts';
import { operationServer } from './support.ts';

const { api, put, refusal, post } = operationServer();

const VIP = { system: 'urn:t', code: 'vip', display: 'VIP' };
const NEW = { system: 'urn:t', code: 'new' };
const SECRET = { system: 'urn:s', code: 'R' };

interface Meta {
  versionId?: string;
  lastUpdated?: string;
  profile?: string[];
  security?: object[];
  tag?: object[];
}

const metaOf = async (path: string) => {
  const { body } = await api().get(path).expect(200);
  expect(body.resourceType).toBe('Parameters');
  return (body.parameter as { name: string; valueMeta: Meta }[] | undefined)?.[0]?.valueMeta;
};
const change = (path: string, meta: object) => post(path, [{ name: 'meta', valueMeta: meta }]);

beforeAll(async () => {
  await put('Patient/a', { meta: { profile: ['urn:p'], tag: [VIP], security: [SECRET] } });
  await put('Patient/b', {
    meta: { profile: ['urn:q', 'urn:p'], tag: [{ ...VIP, display: undefined }, NEW] },
  });
  await put('Patient/gone', { meta: { tag: [{ code: 'gone' }] } });
  await api().delete('/Patient/gone').expect(204);
  await put('Basic/x', {
    code: { text: 'x' },
    meta: { tag: [{ system: 'urn:u', code: 'vip' }, { code: 'bare' }] },
  });
  await put('Organization/plain');
});

describe('$meta', () => {
  test('of a resource is its meta', async () => {
    const { body } = await api().get('/Patient/a').expect(200);
    expect(await metaOf('/Patient/a/$meta')).toEqual(body.meta);
    expect((await post('/Patient/a/$meta', [])).body.parameter[0].valueMeta).toEqual(body.meta);
  });

  test('of a type: every label that a live resource has, once', async () => {
    expect(await metaOf('/Patient/$meta')).toEqual({
      profile: ['urn:p', 'urn:q'],
      security: [SECRET],
      tag: [NEW, VIP],
    });
    expect(await metaOf('/Organization/$meta')).toBeUndefined();
    expect(await metaOf('/Claim/$meta')).toBeUndefined();
  });

  test('of the system', async () => {
    expect(await metaOf('/$meta')).toEqual({
      profile: ['urn:p', 'urn:q'],
      security: [SECRET],
      tag: [{ code: 'bare' }, NEW, VIP, { system: 'urn:u', code: 'vip' }],
    });
  });

  test('of a version is what that version has', async () => {
    await put('Basic/versions', { code: { text: 'x' }, meta: { tag: [VIP] } });
    await put('Basic/versions', { code: { text: 'x' } });
    expect((await metaOf('/Basic/versions/_history/1/$meta'))!.tag).toEqual([VIP]);
    expect(await metaOf('/Basic/versions/_history/2/$meta')).toMatchObject({ versionId: '2' });
    expect((await metaOf('/Basic/versions/_history/2/$meta'))!.tag).toBeUndefined();
    await api().delete('/Basic/versions').expect(204);
    await refusal('/Basic/versions/_history/9/$meta', 404);
    await refusal('/Basic/versions/_history/3/$meta', 410);
    await refusal('/Basic/versions/$meta', 410);
  });

  test('of nothing', async () => {
    await refusal('/Patient/nobody/$meta', 404);
    await refusal('/Patient/gone/$meta', 410);
    expect(await refusal('/Patient/$meta?_count=1', 400)).toBe(
      "$meta does not take '_count'; it takes no parameters.",
    );
  });
});

describe('$meta-add and $meta-delete', () => {
  test('add makes a new version that is found by the label, and says its meta', async () => {
    await put('Basic/add', { code: { text: 'x' }, meta: { tag: [VIP], source: 'urn:source' } });
    const { body } = await change('/Basic/add/$meta-add', { tag: [VIP, NEW], profile: ['urn:r'] }).expect(
      200,
    );
    const meta = body.parameter[0].valueMeta as Meta;
    expect(meta).toMatchObject({ versionId: '2', tag: [VIP, NEW], profile: ['urn:r'], source: 'urn:source' });
    const { body: resource } = await api().get('/Basic/add').expect(200);
    expect(resource).toEqual({ resourceType: 'Basic', id: 'add', meta, code: { text: 'x' } });
    const found = await api().get('/Basic?_tag=urn:t|new').expect(200);
    expect(found.body.entry).toHaveLength(1);
    const before = await api().get('/Basic/add/_history/1').expect(200);
    expect(before.body.meta.tag).toEqual([VIP]);
  });

  test('delete takes the labels out, and they are not found any more', async () => {
    await put('Basic/delete', {
      code: { text: 'x' },
      meta: { tag: [VIP, { code: 'd' }], profile: ['urn:r'] },
    });
    const { body } = await change('/Basic/delete/$meta-delete', {
      tag: [{ code: 'd' }],
      profile: ['urn:r'],
    }).expect(200);
    expect(body.parameter[0].valueMeta.tag).toEqual([VIP]);
    expect(body.parameter[0].valueMeta.profile).toBeUndefined();
    const found = await api().get('/Basic?_tag=d').expect(200);
    expect(found.body.entry).toBeUndefined();
  });

  test('nothing to do makes no version', async () => {
    await put('Basic/same', { code: { text: 'x' }, meta: { tag: [VIP] } });
    const added = await change('/Basic/same/$meta-add', { tag: [VIP] }).expect(200);
    expect(added.body.parameter[0].valueMeta.versionId).toBe('1');
    const deleted = await change('/Basic/same/$meta-delete', { tag: [NEW] }).expect(200);
    expect(deleted.body.parameter[0].valueMeta.versionId).toBe('1');
  });

  test('no digit of the resource is lost', async () => {
    const text =
      '{"resourceType":"Basic","id":"digits","code":{"text":"x"},"extension":[{"url":"urn:x","valueDecimal":1.50}]}';
    await api().put('/Basic/digits').set('Content-Type', FHIR).send(text).expect(201);
    await change('/Basic/digits/$meta-add', { tag: [VIP] }).expect(200);
    const { text: stored } = await api().get('/Basic/digits').buffer(true).expect(200);
    expect(stored).toContain('"valueDecimal":1.50');
  });

  test('changes at the same moment all come through', async () => {
    await put('Basic/busy', { code: { text: 'x' } });
    const codes = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(
      codes.map((code) => change('/Basic/busy/$meta-add', { tag: [{ code }] })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const meta = await metaOf('/Basic/busy/$meta');
    expect(meta!.tag!.map((one) => (one as { code: string }).code).sort()).toEqual(codes);
    expect(meta!.versionId).toBe('5');
  });
});

describe('$meta-add and $meta-delete refuse', () => {
  test('past versions: they stay as they are', async () => {
    for (const operation of ['meta-add', 'meta-delete']) {
      const { body } = await change(`/Patient/a/_history/1/$${operation}`, { tag: [NEW] }).expect(422);
      expect(body.issue[0].diagnostics).toBe(
        `A version that was stored does not change any more: call Patient/a/$${operation}, which makes a new one.`,
      );
    }
  });

  test('a Binary keeps its bytes: one that was uploaded raw is refused', async () => {
    await api().put('/Binary/raw').set('Content-Type', 'image/png').send(Buffer.from('png')).expect(201);
    const { body } = await change('/Binary/raw/$meta-add', { tag: [VIP] }).expect(422);
    expect(body.issue[0].diagnostics).toContain('uploaded as they are');
    const { body: bytes } = await api().get('/Binary/raw').set('Accept', 'image/png').expect(200);
    expect(String(bytes)).toBe('png');
    await put('Binary/resource', { contentType: 'image/png', data: 'AAAA' });
    await change('/Binary/resource/$meta-add', { tag: [VIP] }).expect(200);
  });

  test.each<[string, object[], string]>([
    ['nothing', [], "$meta-add takes one parameter 'meta' with a valueMeta"],
    [
      'no Meta',
      [{ name: 'meta', valueString: 'x' }],
      "$meta-add takes one parameter 'meta' with a valueMeta",
    ],
    [
      'two',
      [
        { name: 'meta', valueMeta: { tag: [VIP] } },
        { name: 'meta', valueMeta: { tag: [NEW] } },
      ],
      "$meta-add takes one parameter 'meta' with a valueMeta",
    ],
    ['another', [{ name: 'tag', valueString: 'x' }], "$meta-add does not take 'tag'; it takes meta."],
  ])('%s is refused', async (_what, parameters, text) => {
    const { body } = await post('/Patient/a/$meta-add', parameters).expect(400);
    expect(body.issue[0].diagnostics).toContain(text);
  });

  test('there is no such resource, no such place, no such method', async () => {
    await change('/Patient/nobody/$meta-add', { tag: [VIP] }).expect(404);
    await change('/Patient/gone/$meta-add', { tag: [VIP] }).expect(410);
    await change('/Patient/$meta-add', { tag: [VIP] }).expect(404);
    await refusal('/Patient/a/$meta-add', 405);
  });

  test('a broken Meta is refused, and nothing is changed', async () => {
    const body = fhir({
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: 'vip' } }],
    });
    await api().post('/Organization/plain/$meta-add').set('Content-Type', FHIR).send(body).expect(400);
    expect(await metaOf('/Organization/plain/$meta')).toMatchObject({ versionId: '1' });
  });
});
