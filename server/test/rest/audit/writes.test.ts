import { describe, expect, test } from '@jest/globals';
import { auditedServer, observation, WHO } from './support.ts';

const { api, logged } = auditedServer();

describe('what is written', () => {
  test('is recorded with the version that was made, and only once', async () => {
    const created = await logged('post', '/Observation', 201, { body: observation('ignored', 'p1') });
    expect(created).toMatchObject([{ ...WHO, event: 'create', outcome: 0, patients: ['p1'] }]);
    expect(created[0]!.resources[0]).toMatch(/^Observation\/[^/]+\/_history\/1$/);
    expect(await logged('put', '/Observation/w1', 201, { body: observation('w1', 'p1') })).toMatchObject([
      { event: 'update', resources: ['Observation/w1/_history/1'], patients: ['p1'] },
    ]);
    expect(await logged('put', '/Observation/w1', 200, { body: observation('w1', 'p2') })).toMatchObject([
      { event: 'update', resources: ['Observation/w1/_history/2'], patients: ['p2'] },
    ]);
    const headers = { 'Content-Type': 'application/json-patch+json' };
    const body = JSON.stringify([{ op: 'replace', path: '/status', value: 'amended' }]);
    expect(await logged('patch', '/Observation/w1', 200, { body, headers })).toMatchObject([
      { event: 'patch', resources: ['Observation/w1/_history/3'], patients: ['p2'] },
    ]);
    expect(await logged('delete', '/Observation/w1', 204)).toMatchObject([
      { event: 'delete', resources: ['Observation/w1/_history/4'], patients: ['p2'] },
    ]);
  });

  test('what was not done is not recorded as done', async () => {
    await api().put('/Observation/n1').send(observation('n1', 'p1')).expect(201);
    const stale = { body: observation('n1', 'p1', { status: 'amended' }), headers: { 'If-Match': 'W/"7"' } };
    expect(await logged('put', '/Observation/n1', 412, stale)).toMatchObject([
      {
        event: 'update',
        outcome: 4,
        outcomeText: '412 Precondition Failed: conflict',
        resources: ['Observation/n1'],
      },
    ]);
    expect(
      await logged('post', '/Observation', 400, { body: { resourceType: 'Observation' } }),
    ).toMatchObject([{ event: 'create', outcome: 4, resources: [], patients: [] }]);
    expect(await logged('delete', '/Observation/never-there', 204)).toMatchObject([
      { event: 'delete', outcome: 0, resources: ['Observation/never-there'] },
    ]);
  });

  test('conditional interactions name what they wrote, or what they showed instead', async () => {
    const identified = { ...observation('c1', 'p1'), identifier: [{ system: 'urn:c', value: '1' }] };
    const headers = { 'If-None-Exist': 'identifier=urn:c|1' };
    const [made] = await logged('post', '/Observation', 201, { body: identified, headers });
    expect(made).toMatchObject({ event: 'create', patients: ['p1'] });
    const [kept] = await logged('post', '/Observation', 200, { body: identified, headers });
    expect(kept).toMatchObject({ event: 'read', resources: made!.resources, patients: ['p1'] });
    const query = 'Observation?identifier=urn:c%7C1';
    const { id: _, ...other } = { ...identified, status: 'amended' };
    const [updated] = await logged('put', `/${query}`, 200, { body: other });
    expect(updated).toMatchObject({ event: 'update', query, patients: ['p1'] });
    expect(updated!.resources[0]).toMatch(/\/_history\/2$/);
    expect(await logged('delete', `/${query}`, 204)).toMatchObject([
      { event: 'delete', query, patients: ['p1'], resources: [expect.stringMatching(/\/_history\/3$/)] },
    ]);
  });

  test('changes of who may do what are security alerts besides', async () => {
    const body = { resourceType: 'AccessPolicy', id: 'a1', name: 'none' };
    const alerts = await logged('put', '/AccessPolicy/a1', 201, { body, count: 2 });
    expect(alerts.map(({ event }) => event)).toEqual(['update', 'security-configuration']);
    expect(alerts[1]!.resources).toEqual(['AccessPolicy/a1/_history/1']);
  });
});

describe('Bundles', () => {
  const entry = (method: string, url: string, resource?: object) => ({
    request: { method, url },
    ...(resource && { resource }),
  });
  const bundle = (type: string, ...entries: object[]) => ({ resourceType: 'Bundle', type, entry: entries });

  test('of a batch each entry is recorded by itself', async () => {
    const body = bundle(
      'batch',
      entry('GET', 'Observation/o1'),
      entry('GET', 'Observation?subject=Patient/p2'),
      entry('PUT', 'Observation/b1', observation('b1', 'p2')),
      entry('GET', 'Observation/not-there'),
      entry('GET', 'Nonsense/1'),
      entry('GET', 'Patient/p1/$everything?_type=Patient'),
    );
    const records = await logged('post', '/', 200, { body, count: 7 });
    const about = records.map(({ event, outcome, resources, patients }) => ({
      event,
      outcome,
      resources: resources.toSorted(),
      patients,
    }));
    expect(about).toEqual(
      expect.arrayContaining([
        { event: 'read', outcome: 0, resources: ['Observation/o1/_history/1'], patients: ['p1'] },
        expect.objectContaining({ event: 'search-type', outcome: 0, patients: ['p2'] }),
        { event: 'update', outcome: 0, resources: ['Observation/b1/_history/1'], patients: ['p2'] },
        { event: 'read', outcome: 4, resources: ['Observation/not-there'], patients: [] },
        { event: 'read', outcome: 4, resources: [], patients: [] },
        expect.objectContaining({ event: 'operation', outcome: 0, patients: ['p1'] }),
        { event: 'batch', outcome: 0, resources: [], patients: [] },
      ]),
    );
  });

  test('of a transaction each write is, in its commit, and what is read by the transaction', async () => {
    const body = bundle(
      'transaction',
      entry('POST', 'Observation', observation('x', 'p1')),
      entry('PUT', 'Observation/t1', observation('t1', 'p2')),
      entry('DELETE', 'Observation/b1'),
      entry('GET', 'Observation/o1'),
      entry('GET', 'Observation?_id=o2'),
    );
    const records = await logged('post', '/', 200, { body, count: 4 });
    expect(records.map(({ event, resources, patients }) => ({ event, resources, patients }))).toEqual(
      expect.arrayContaining([
        { event: 'delete', resources: ['Observation/b1/_history/2'], patients: ['p2'] },
        { event: 'update', resources: ['Observation/t1/_history/1'], patients: ['p2'] },
        expect.objectContaining({ event: 'create', patients: ['p1'] }),
        {
          event: 'transaction',
          resources: ['Observation/o1/_history/1', 'Observation/o2'],
          patients: ['p1', 'p2'],
        },
      ]),
    );
  });

  test('of a transaction that fails nothing is recorded as done', async () => {
    const body = bundle(
      'transaction',
      entry('PUT', 'Observation/t2', observation('t2', 'p2')),
      entry('GET', 'Observation/not-there'),
    );
    expect(await logged('post', '/', 404, { body })).toMatchObject([
      { event: 'transaction', outcome: 4, resources: [], patients: [] },
    ]);
  });
});
