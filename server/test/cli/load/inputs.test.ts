import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { FakeServer, Folder } from './support.ts';
import { fakeServer, folder, load } from './support.ts';

let server: FakeServer;
let files: Folder;
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

describe('what is sent', () => {
  test.each([
    ['a reference', (url: string) => ({ generalPractitioner: [{ reference: url }] })],
    ['a version', (url: string) => ({ generalPractitioner: [{ reference: `${url}/_history/2` }] })],
    ['a narrative', (url: string) => ({ text: { div: `<div><a href="${url}#x">x</a></div>` } })],
  ])('a large collection whose resources refer to each other by URL, by %s, as one', async (_, link) => {
    const bundle = (url: (id: string) => string, more: object) =>
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'collection',
        entry: Array.from({ length: 600 }, (_, i) => ({
          fullUrl: url(`p${i}`),
          resource: { ...patient(`p${i}`), ...(i === 599 && more) },
        })),
      });
    const urn = (id: string) => `urn:uuid:${id}`;
    await run(await files.write('linked.json', bundle(urn, link('urn:uuid:p0'))));
    expect(server.received).toHaveLength(1);
    const address = (id: string) => `https://example.org/fhir/Patient/${id}`;
    await run(await files.write('named.json', bundle(address, link(address('p0')))));
    expect(server.received).toHaveLength(2);
    await run(
      await files.write('apart.json', bundle(address, link('https://example.org/fhir/Patient/other'))),
    );
    expect(server.received).toHaveLength(4);
  });

  test('what begins with a byte order mark', async () => {
    const collection = JSON.stringify({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: patient('c') }],
    });
    const { code } = await run(
      await files.write('a.json', `\ufeff${JSON.stringify(patient('a'))}`),
      await files.write('b.json', `\ufeff${transaction(put('b'))}`),
      await files.write('c.json', `\ufeff${collection}`),
      await files.write('d.ndjson', `\ufeff${JSON.stringify(patient('d'))}\n`),
      await files.write('e.ndjson', `\ufeff${transaction(put('e'))}\n`),
    );
    expect(code).toBe(0);
    expect(server.received.map(({ body }) => /"id":"(.)"/.exec(body)?.[1]).sort()).toEqual([...'abcde']);
  });
});

describe('a folder', () => {
  test('without anything that can be loaded is told', async () => {
    await mkdir(path.join(files.path, 'xml'));
    await files.write('xml/a.xml', '<Patient xmlns="http://hl7.org/fhir"/>');
    const { code, err } = await run(path.join(files.path, 'xml'));
    expect(err).toContain('Nothing in it can be loaded. The name of a file must end in .json');
    expect(code).toBe(1);
  });

  test('links to files are followed, and those that lead nowhere named', async () => {
    await mkdir(path.join(files.path, 'links'));
    const target = await files.write('elsewhere.json', JSON.stringify(patient('linked')));
    await symlink(target, path.join(files.path, 'links', 'a.json'));
    await symlink('nowhere', path.join(files.path, 'links', 'b.json'));
    await symlink('..', path.join(files.path, 'links', 'circle'));
    const { code, out, err } = await run(path.join(files.path, 'links'));
    expect(server.received.map(({ url }) => url)).toEqual(['/fhir/R4/Patient/linked']);
    expect(out).toContain('1 resources from 1 files');
    expect(err).toContain(`${path.join('links', 'b.json')}: No such file or folder.`);
    expect(code).toBe(1);
  });
});
