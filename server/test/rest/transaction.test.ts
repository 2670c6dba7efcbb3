import { describe, expect, test } from '@jest/globals';
import {
  bundleSender,
  create,
  put,
  remove,
  get,
  patch,
  patient,
  observation,
  statuses,
  type Entry,
} from './bundle/support.ts';
import { serverForFile } from './support.ts';

const { api } = serverForFile();
const { send, run, count } = bundleSender(api);

describe('conditional creates in a transaction', () => {
  test('give the resource that is there, also to what refers to it', async () => {
    const [first] = await run(create(patient('a-1'), 'urn:uuid:p', 'identifier=urn:test|a-1'));
    const answers = await run(
      create(patient('a-1', { active: true }), 'urn:uuid:p', 'identifier=urn:test|a-1'),
      create(observation('urn:uuid:p')),
    );
    expect(statuses(answers)).toEqual(['200', '201']);
    expect(answers[0]!.resource).toEqual(first!.resource);
    expect(answers[1]!.resource!.subject).toEqual({ reference: `Patient/${first!.resource!.id}` });
  });

  test('twice of the same make one', async () => {
    const answers = await run(
      create(patient('a-2'), 'urn:uuid:1', 'identifier=a-2'),
      create(patient('a-2'), 'urn:uuid:2', 'identifier=urn:test|a-2'),
      create(observation('urn:uuid:2')),
    );
    expect(statuses(answers)).toEqual(['201', '200', '201']);
    expect(answers[1]!.resource).toEqual(answers[0]!.resource);
    expect(answers[2]!.resource!.subject).toEqual({ reference: `Patient/${answers[0]!.resource!.id}` });
    expect(await count('Patient?identifier=a-2')).toBe(1);
  });

  test('may refer to other entries, whatever their order', async () => {
    const visit = [
      create(
        observation('urn:uuid:p', { code: { text: 'once' }, identifier: [{ value: 'o-6' }] }),
        'urn:uuid:o',
        'subject=urn:uuid:p',
      ),
      create(patient('a-6'), 'urn:uuid:p', 'identifier=a-6'),
    ];
    expect(statuses(await run(...visit))).toEqual(['201', '201']);
    const again = await run(...visit);
    expect(statuses(again)).toEqual(['200', '200']);
    expect(again[0]!.resource!.subject).toEqual({ reference: `Patient/${again[1]!.resource!.id}` });
  });

  test('twice of the same that refer to another entry make one', async () => {
    const same = () => create(observation('urn:uuid:p'), undefined, 'subject=urn:uuid:p&status=final');
    const answers = await run(same(), create(patient('a-8'), 'urn:uuid:p'), same());
    expect(statuses(answers).sort()).toEqual(['200', '201', '201']);
    expect(answers[2]!.resource).toEqual(answers[0]!.resource);
  });

  test('that refer to each other are refused', async () => {
    const refused = await send([
      create(observation('urn:uuid:p'), 'urn:uuid:o', 'subject=urn:uuid:p'),
      create(patient('a-7'), 'urn:uuid:p', 'link=urn:uuid:o'),
    ]).expect(400);
    expect(refused.body.issue[0].expression[0]).toMatch(/ifNoneExist$/);
  });

  test('come after deletes', async () => {
    const [first] = await run(create(patient('a-3')));
    const { id } = first!.resource!;
    const answers = await run(create(patient('a-3'), undefined, 'identifier=a-3'), remove(`Patient/${id}`));
    expect(statuses(answers)).toEqual(['201', '204']);
    expect(answers[0]!.resource!.id).not.toBe(id);
  });

  test('that could mean several undo all', async () => {
    await run(create(patient('a-4')), create(patient('a-4')));
    const refused = await send([
      create(patient('a-5')),
      create(patient('a-4'), undefined, 'identifier=a-4'),
    ]).expect(412);
    expect(refused.body.issue[0].expression).toEqual(['Bundle.entry[1].request.ifNoneExist']);
    expect(await count('Patient?identifier=a-5')).toBe(0);
  });
});

describe('conditional updates, patches and deletes in a transaction', () => {
  test('each means what it finds', async () => {
    await run(create(patient('b-1')), create(patient('b-2')), create(patient('b-3')), create(patient('b-3')));
    const answers = await run(
      put('Patient?identifier=b-1', patient('b-1', { active: true })),
      put('Patient?identifier=b-new', patient('b-new')),
      patch('Patient?identifier=b-2', [{ op: 'add', path: '/gender', value: 'female' }]),
      remove('Patient?identifier=b-3'),
    );
    expect(statuses(answers)).toEqual(['200', '201', '200', '204']);
    expect(answers[2]!.resource!.gender).toBe('female');
    expect(await count('Patient?identifier=b-3')).toBe(0);
  });

  test.each([
    [
      'two updates',
      [put('Patient?identifier=c-1', patient('c-1')), put('Patient?identifier=urn:test|c-1', patient('c-1'))],
    ],
    [
      'an update and a patch',
      [put('Patient?identifier=c-1', patient('c-1')), patch('Patient?identifier=c-1', [])],
    ],
  ])('refused: the same resource in %s', async (_what, entries) => {
    await run(create(patient('c-1'), undefined, 'identifier=c-1'));
    const before = (await api().get('/Patient?identifier=c-1')).body.entry[0].resource;
    const refused = await send(entries).expect(400);
    expect(refused.body.issue[0].expression).toEqual(['Bundle.entry[0]', 'Bundle.entry[1]']);
    expect((await api().get('/Patient?identifier=c-1')).body.entry[0].resource).toEqual(before);
  });

  test('an update of what the transaction creates is an overlap', async () => {
    await send([create(patient('c-2')), put('Patient?identifier=c-2', patient('c-2'))]).expect(400);
    expect(await count('Patient?identifier=c-2')).toBe(0);
  });

  test('a patch of nothing, or with the wrong version, undoes all', async () => {
    const [first] = await run(create(patient('d-1')));
    const { id } = first!.resource!;
    const change = [{ op: 'add', path: '/active', value: true }];
    for (const [entry, status] of [
      [patch('Patient/never', change), 404],
      [patch('Patient?identifier=never', change), 404],
      [patch(`Patient/${id}`, change, { ifMatch: 'W/"9"' }), 412],
      [patch(`Patient/${id}`, [{ op: 'remove', path: '/nothing' }]), 422],
      [patch(`Patient/${id}`, [{ op: 'add', path: '/nonsense', value: 1 }]), 400],
      [patch(`Patient/${id}`, [{ op: 'replace', path: '/id', value: 'x' }]), 422],
    ] as const) {
      const refused = await send([create(patient('d-2')), entry]).expect(status);
      expect(refused.body.issue[0].expression[0]).toMatch(/^Bundle\.entry\[1\]/);
    }
    expect(await count('Patient?identifier=d-2')).toBe(0);
    expect((await api().get(`/Patient/${id}`)).headers.etag).toBe('W/"1"');
  });

  test('a patch that changes nothing makes no version', async () => {
    const [first] = await run(create(patient('d-3', { active: true })));
    const same = [{ op: 'replace', path: '/active', value: true }];
    const [kept] = await run(patch(`Patient/${first!.resource!.id}`, same));
    expect([kept!.response.status, kept!.response.etag]).toEqual(['200 OK', 'W/"1"']);
  });
});

describe('reads in a transaction', () => {
  test('see what it writes, all of one moment', async () => {
    const answers = await run(
      get('Patient/l-1'),
      put('Patient/l-1', patient('l-1', { id: 'l-1' })),
      get('Patient/l-1/_history/1'),
      get('Patient?identifier=l-1'),
    );
    expect(statuses(answers)).toEqual(['200', '201', '200', '200']);
    expect(answers[0]!.resource!.id).toBe('l-1');
    expect((answers[3]!.resource!.entry as object[]).length).toBe(1);
  });

  test('are answered without the resource where the client has it', async () => {
    await run(put('Patient/l-2', patient('l-2', { id: 'l-2' })));
    const answers = await run(
      get('Patient/l-2', { ifNoneMatch: 'W/"1"' }),
      get('Patient/l-2', { ifNoneMatch: 'W/"2"' }),
      get('Patient/l-2', { ifModifiedSince: '2999-01-01T00:00:00Z' }),
    );
    expect(statuses(answers)).toEqual(['304', '200', '304']);
    expect(answers.map(({ resource }) => resource?.id)).toEqual([undefined, 'l-2', undefined]);
  });

  test('of what is not there undo all', async () => {
    await send([put('Patient/l-3', patient('l-3', { id: 'l-3' })), get('Patient/never')]).expect(404);
    await send([put('Patient/l-3', patient('l-3', { id: 'l-3' })), get('Device/never')]).expect(404);
    await api().get('/Patient/l-3').expect(404);
  });
});

test('a batch takes conditional writes and patches, each by itself', async () => {
  await run(create(patient('m-1')));
  const answer = await send(
    [
      create(patient('m-1'), undefined, 'identifier=m-1'),
      put('Patient?identifier=m-2', patient('m-2')),
      patch('Patient?identifier=m-1', [{ op: 'add', path: '/active', value: true }]),
      remove('Patient?identifier=m-3'),
      put('Patient/m-4', patient('m-4', { id: 'm-4' }), { ifNoneMatch: '*' }),
      put('Patient?nonsense=1', patient('m-5')),
      create(patient('m-5', { nonsense: 1 }), undefined, 'identifier=m-5'),
      get('Patient/m-4', { ifNoneMatch: 'W/"1"' }),
    ],
    'batch',
  ).expect(200);
  const answers = answer.body.entry as Entry[];
  expect(statuses(answers).slice(0, 7)).toEqual(['200', '201', '200', '204', '201', '400', '400']);
  expect(['304', '404']).toContain(statuses(answers)[7]);
});

test('a condition that fails on what criteria find is named', async () => {
  await run(create(patient('m-6')));
  for (const condition of [{ ifNoneMatch: '*' }, { ifMatch: 'W/"7"' }]) {
    const { body } = await send([put('Patient?identifier=m-6', patient('m-6'), condition)]).expect(412);
    const [name] = Object.keys(condition);
    expect(body.issue[0].expression).toEqual([`Bundle.entry[0].request.${name}`]);
  }
});

test('Prefer: return=OperationOutcome tells what was done', async () => {
  const answer = await send(
    [create(patient('n-1')), remove('Patient/never')],
    'transaction',
    'return=OperationOutcome',
  ).expect(200);
  const [made, gone] = answer.body.entry as Entry[];
  expect(made!.resource).toBeUndefined();
  expect(made!.response.outcome!.issue[0]!.diagnostics).toContain('created');
  expect(gone!.response.outcome!.issue[0]!.diagnostics).toContain('0 resources');
});
