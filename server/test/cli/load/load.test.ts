import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { BATCH_LINES_MAX } from '../../../src/cli/load/ndjson.ts';
import { DOCUMENT_BYTES_MAX } from '../../../src/cli/load/documents.ts';
import type { Behaviour, FakeServer, Folder } from './support.ts';
import { fakeServer, folder, load, outcome, tar, tarMember } from './support.ts';

let server: FakeServer;
let files: Folder;
const serve = async (behaviour: Behaviour): Promise<void> => {
  await server.close();
  server = await fakeServer(behaviour);
};
beforeEach(async () => {
  server = await fakeServer();
  files = await folder();
});
afterEach(async () => {
  await server.close();
  await files.remove();
});

const run = (...args: string[]) => load([...args, '--url', server.url]);
const patient = (id: string) => ({ resourceType: 'Patient', id });
const put = (id: string) => ({ resource: patient(id), request: { method: 'PUT', url: `Patient/${id}` } });
const transaction = (...entry: unknown[]) =>
  JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });

describe('load sends', () => {
  test('a transaction byte for byte as it is', async () => {
    const text = ` {"resourceType":"Bundle",\n"type":"transaction","entry":[{"resource":{"resourceType":"Observation","valueQuantity":{"value":1.50}},"request":{"method":"POST","url":"Observation"}}]} `;
    const { code, out } = await run(await files.write('a.json', text));
    expect(server.received).toEqual([{ method: 'POST', url: '/fhir/R4', body: text }]);
    expect(out).toMatch(/^1 resources from 1 files in .* s, .* resources\/s, 0 errors\n$/);
    expect(code).toBe(0);
  });

  test('a resource to its id, and one without to its type', async () => {
    await run(
      await files.write('a.json', '{"resourceType":"Patient","id":"p1","x":0.10}'),
      await files.write('b.json', '{"resourceType":"Patient"}'),
    );
    expect(server.received.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'POST /fhir/R4/Patient',
      'PUT /fhir/R4/Patient/p1',
    ]);
    expect(server.received.some(({ body }) => body.includes('0.10'))).toBe(true);
  });

  test('a collection as a transaction of updates, its digits kept and its outcome left out', async () => {
    const text = `{"resourceType":"Bundle","type":"searchset","entry":[
      {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Observation","id":"o1","valueQuantity":{"value":1.500}}},
      {"resource":{"resourceType":"Patient"}},
      {"resource":{"resourceType":"OperationOutcome"},"search":{"mode":"outcome"}}]}`;
    await run(await files.write('c.json', text));
    const [{ body }] = server.received as unknown as [{ body: string }];
    expect(body).toContain('"value":1.500');
    const { type, entry } = JSON.parse(body) as {
      type: string;
      entry: { fullUrl?: string; request: unknown }[];
    };
    expect(type).toBe('transaction');
    expect(entry.map(({ fullUrl, request }) => [fullUrl, request])).toEqual([
      ['urn:uuid:1', { method: 'PUT', url: 'Observation/o1' }],
      [undefined, { method: 'POST', url: 'Patient' }],
    ]);
  });

  test('a large collection in parts, unless its entries may need each other', async () => {
    const bundle = (entry: unknown[]) =>
      JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry });
    const many = Array.from({ length: 1200 }, (_, index) => ({ resource: patient(`p${index}`) }));
    await run(await files.write('ids.json', bundle(many)));
    expect(server.received).toHaveLength(3);
    await run(
      await files.write('none.json', bundle(many.map(() => ({ resource: { resourceType: 'Patient' } })))),
    );
    expect(server.received).toHaveLength(4);
  });

  test('lines in requests of some, their text untouched', async () => {
    const lines = Array.from(
      { length: BATCH_LINES_MAX + 3 },
      (_, at) => `{"resourceType":"Patient","id":"p${at}","multipleBirthInteger":1.0}`,
    );
    const { code, out } = await run(await files.write('p.ndjson', `${lines.join('\r\n')}\n\n`));
    const counts = server.received.map(({ body }) => (JSON.parse(body) as { entry: unknown[] }).entry.length);
    expect(counts.sort()).toEqual([BATCH_LINES_MAX, 3].sort());
    expect(server.received[0]?.body).toContain('"multipleBirthInteger":1.0}');
    expect(out).toContain(`${BATCH_LINES_MAX + 3} resources from 1 files`);
    expect(code).toBe(0);
  });
});

describe('load opens', () => {
  test('the files of folders, archives and gzip', async () => {
    await mkdir(path.join(files.path, 'in', 'deep'), { recursive: true });
    await files.write('in/a.json', transaction(put('a')));
    await files.write('in/deep/b.json.gz', gzipSync(transaction(put('b'))));
    await files.write('in/c.ndjson.gz', gzipSync('{"resourceType":"Patient","id":"c"}'));
    await files.write('in/notes.txt', 'not ours');
    await files.write('in/package.json', '{"name":"not FHIR"}');
    const archive = tar(
      tarMember('x/d.json', transaction(put('d'))),
      tarMember('x/readme.md', '#'),
      tarMember('x/e.json.gz', gzipSync(transaction(put('e')))),
    );
    await files.write('in/f.tgz', gzipSync(archive));
    await files.write('in/g.tar', tar(tarMember('h.json', transaction(put('h')))));
    const { code, out } = await run(path.join(files.path, 'in'));
    const ids = server.received.flatMap(({ body }) => body.match(/"id":"."/g) ?? []).sort();
    expect(ids).toEqual(['a', 'b', 'c', 'd', 'e', 'h'].map((id) => `"id":"${id}"`));
    expect(out).toContain('6 resources from 6 files (1 other files skipped)');
    expect(code).toBe(0);
  });
});

describe('load reports', () => {
  test('what the server refused, and goes on', async () => {
    await serve(({ body }) =>
      body.includes('bad')
        ? { status: 422, body: outcome("'birthDate' is not a date.", { expression: ['Patient.birthDate'] }) }
        : { status: 200 },
    );
    const bad = await files.write('bad.json', transaction(put('bad')));
    const { code, out, err } = await run(
      bad,
      await files.write('good.json', transaction(put('good'), put('g2'))),
    );
    expect(err).toContain(`${bad}: HTTP 422: 'birthDate' is not a date. at Patient.birthDate\n`);
    expect(out).toContain('2 resources from 2 files');
    expect(out).toContain('1 errors');
    expect(code).toBe(1);
    expect(server.received).toHaveLength(2);
  });

  test('no content of a file', async () => {
    await serve(() => ({ status: 400, body: outcome('Refused.') }));
    const { err } = await run(await files.write('a.json', transaction({ ...put('a'), secret: 'Jane Roe' })));
    expect(err).toContain('Refused.');
    expect(err).not.toContain('Jane Roe');
  });

  test('the very line that is bad, and stores the others', async () => {
    await serve(({ body }) => {
      const { type, entry } = JSON.parse(body) as { type: string; entry: { resource: { id: string } }[] };
      const answers = entry.map(({ resource }) => ({
        response:
          resource.id === 'p2'
            ? { status: '422 Unprocessable', outcome: outcome('Bad.') }
            : { status: '201' },
      }));
      if (type === 'transaction') return { status: 422, body: outcome('Bad.') };
      return { status: 200, body: { resourceType: 'Bundle', type: 'batch-response', entry: answers } };
    });
    const lines = ['p1', '{', 'p2', 'p3'].map((id) => (id === '{' ? id : JSON.stringify(patient(id))));
    const file = await files.write('p.ndjson', lines.join('\n'));
    const { code, out, err } = await run(file);
    expect(err).toContain(`${file}, line 2: Not a FHIR resource in JSON.`);
    expect(err).toContain(`${file}, line 3: HTTP 422: Bad.`);
    expect(out).toContain('2 resources');
    expect(out).toContain('2 errors');
    expect(code).toBe(1);
  });

  test('the entries of a batch that failed', async () => {
    const response = [
      { status: '200 OK' },
      { status: '404 Not Found', outcome: outcome('No such patient.') },
    ];
    await serve(() => ({ status: 200, body: { entry: response.map((one) => ({ response: one })) } }));
    const text = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: [put('a'), put('b')] });
    const { code, out, err } = await run(await files.write('b.json', text));
    expect(err).toContain('b.json, entry 2: HTTP 404: No such patient.');
    expect(out).toContain('1 resources');
    expect(code).toBe(1);
  });
});

describe('load reports, and goes on,', () => {
  test.each([
    ['absent.json', undefined, 'No such file or folder.'],
    ['a.json', '{', 'Not well-formed JSON.'],
    ['b.json', '[]', 'no resourceType'],
    ['c.xml', '<a/>', 'The name of a file must end in'],
    ['d.json.gz', 'not gzip', 'incorrect header check'],
    ['e.tar', 'x'.repeat(2000), 'no tar archive'],
    ['f.json', '{"resourceType":"Bundle","type":"history","entry":[]}', 'type history'],
    ['g.json', '{"resourceType":"Bundle","type":"collection"}', 'holds no resources'],
  ])('%s as unreadable and loads the rest', async (name, content, reason) => {
    const file = content === undefined ? path.join(files.path, name) : await files.write(name, content);
    const { code, out, err } = await run(file, await files.write('good.json', transaction(put('good'))));
    expect(err).toContain(name);
    expect(err).toContain(reason);
    expect(out).toContain('1 resources');
    expect(code).toBe(1);
  });

  test('a document that is too large to be held, without sending it', async () => {
    const archive = tar(
      tarMember('big.json', Buffer.alloc(DOCUMENT_BYTES_MAX + 1, ' ')),
      tarMember('small.json', transaction(put('a'))),
    );
    const { code, out, err } = await run(await files.write('a.tar', archive));
    expect(err).toContain('big.json: Larger than 32 MiB: write it as NDJSON');
    expect(out).toContain('1 resources');
    expect(code).toBe(1);
  });
});

describe('load takes', () => {
  test.each([[[]], [['--parallel', '0', 'x']], [['--url', 'ftp://x', 'x']], [['--what', 'x']]])(
    'no %j',
    async (args) => {
      const { code, err } = await load(args);
      expect(code).toBe(2);
      expect(err).toContain('npm run load -- PATH...');
    },
  );

  test('--help', async () => {
    const { code, out } = await load(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('--parallel N');
  });
});
