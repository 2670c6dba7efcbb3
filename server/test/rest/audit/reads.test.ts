import { describe, expect, test } from '@jest/globals';
import { auditedServer, WHO } from './support.ts';

const { ask, logged, log } = auditedServer();

describe('what is read', () => {
  test.each([
    ['/Patient/p1', 'read', 'Patient/p1/_history/1'],
    ['/Observation/o1', 'read', 'Observation/o1/_history/1'],
    ['/Observation/o1/_history/1', 'vread', 'Observation/o1/_history/1'],
    ['/Observation/o1/_history', 'history-instance', 'Observation/o1/_history/1'],
  ])('%s', async (path, event, resource) => {
    expect(await logged('get', path, 200)).toMatchObject([
      { ...WHO, event, outcome: 0, patients: ['p1'], resources: [resource] },
    ]);
  });

  test('a search names its query, what it found and whom that is about, however it is sent', async () => {
    const found = {
      ...WHO,
      event: 'search-type',
      outcome: 0,
      resources: ['Observation/o1', 'Observation/o3', 'Patient/p1'],
      patients: ['p1'],
    };
    const query = 'Observation?subject=Patient/p1&_include=Observation:subject&_sort=_id';
    expect(await logged('get', `/${query}`, 200)).toMatchObject([{ ...found, query }]);
    const form = 'subject=Patient%2Fp1&_include=Observation%3Asubject&_sort=_id';
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(await logged('post', '/Observation/_search', 200, { body: form, headers })).toMatchObject([
      { ...found, query: `Observation?${form}` },
    ]);
    const ndjson = { headers: { Accept: 'application/fhir+ndjson' } };
    expect(await logged('get', `/${query}`, 200, ndjson)).toMatchObject([{ ...found, query }]);
    const [compartment] = await logged('get', '/Patient/p1/Observation?_summary=true', 200);
    expect(compartment).toMatchObject({
      event: 'search-type',
      query: 'Patient/p1/Observation?_summary=true',
    });
    expect(compartment!.resources.toSorted()).toEqual(['Observation/o1', 'Observation/o3']);
  });

  test('a search that finds nothing, or only counts, is recorded all the same', async () => {
    const query = 'Patient?name=nobody-is-called-so';
    expect(await logged('get', `/${query}`, 200)).toMatchObject([
      { event: 'search-type', outcome: 0, query, resources: [], patients: [] },
    ]);
    expect(await logged('get', '/Observation?_summary=count', 200)).toMatchObject([
      { event: 'search-type', outcome: 0, resources: [] },
    ]);
  });

  test('searches and histories of everything', async () => {
    const [search] = await logged('get', '/?_type=Patient,Observation', 200);
    expect(search).toMatchObject({ event: 'search-system', query: '?_type=Patient,Observation' });
    expect(search!.resources).toHaveLength(5);
    expect(search!.patients.toSorted()).toEqual(['p1', 'p2']);
    expect(await logged('get', '/Patient/_history', 200)).toMatchObject([{ event: 'history-type' }]);
    expect(await logged('get', '/_history?_count=1', 200)).toMatchObject([
      { event: 'history-system', query: '_history?_count=1' },
    ]);
  });

  test('operations name what they show', async () => {
    const [everything] = await logged('get', '/Patient/p1/$everything', 200);
    expect(everything).toMatchObject({ ...WHO, event: 'operation', query: 'Patient/p1/$everything' });
    const names = everything!.resources.map((name) => name.replace(/\/_history.*/, ''));
    expect(names.toSorted()).toEqual(['Observation/o1', 'Observation/o3', 'Patient/p1']);
    expect(everything!.patients).toEqual(['p1']);
    const lastN = 'Observation/$lastn?subject=Patient/p2&category=vital-signs';
    expect(await logged('get', `/${lastN}`, 200)).toMatchObject([
      { event: 'operation', query: lastN, resources: ['Observation/o2/_history/1'], patients: ['p2'] },
    ]);
    expect(await logged('get', '/Observation/o2/$meta', 200)).toMatchObject([
      { event: 'operation', resources: ['Observation/o2/_history/1'], patients: ['p2'] },
    ]);
  });

  test('HEAD and a version that the client has are reads too; metadata and preflights are public', async () => {
    expect(await logged('head', '/Patient/p1', 200)).toMatchObject([{ event: 'read', patients: ['p1'] }]);
    expect(await logged('get', '/Patient/p1', 304, { headers: { 'If-None-Match': 'W/"1"' } })).toMatchObject([
      { event: 'read', outcome: 0, patients: ['p1'] },
    ]);
    const { request, requestId } = ask('get', '/metadata');
    await request.expect(200);
    await logged('get', '/Patient/p1', 200); // later, and in the log
    expect((await log().all()).filter((record) => record.requestId === requestId)).toEqual([]);
  });

  test('a Binary as its bytes', async () => {
    const { request, requestId } = ask('post', '/Binary', {
      body: 'bytes',
      headers: { 'Content-Type': 'text/plain', 'X-Security-Context': 'Patient/p1' },
    });
    const { headers } = await request.expect(201);
    const [, name] = /\/(Binary\/[^/]+)\/_history/.exec(headers.location!)!;
    expect(await log().of(requestId)).toMatchObject([
      { event: 'create', resources: [`${name}/_history/1`], patients: ['p1'] },
    ]);
    expect(await logged('get', `/${name}`, 200)).toMatchObject([
      { event: 'read', resources: [`${name}/_history/1`], patients: ['p1'] },
    ]);
  });
});
