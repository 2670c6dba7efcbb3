import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { LOCAL_CALLER } from '../../../src/records/caller.ts';
import { Cursors } from '../../../src/records/cursors.ts';
import { InstalledPackages } from '../../../src/records/packages/installedPackages.ts';
import { stableId } from '../../../src/records/packages/packageContent.ts';
import { archiveFiles, PACKAGE_ENTRIES_MAX } from '../../../src/records/packages/packageFiles.ts';
import { chosenVersion, parsePackageWish } from '../../../src/records/packages/packageName.ts';
import { PackageSources } from '../../../src/records/packages/packageSources.ts';
import { Packages } from '../../../src/records/packages/packages.ts';
import { SupportedProfiles } from '../../../src/records/packages/supportedProfiles.ts';
import { Records } from '../../../src/records/records.ts';
import { Settings } from '../../../src/store/settings.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import { tar, tarMember } from '../../cli/load/support.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

let world: TestDatabase;
let store: Store;
let records: Records;
let installed: InstalledPackages;
let cacheDir: string;
beforeAll(async () => {
  world = await testDatabase();
  const definitions = await r4Definitions();
  store = openStore(
    world.database,
    world.schema,
    definitions,
    new Uint8Array(16),
    'http://maxray.example/fhir',
  );
  records = new Records(store, {
    validator: createValidator(definitions),
    cursors: new Cursors(new Uint8Array(32)),
  });
  installed = new InstalledPackages(new Settings(world.database, world.schema));
  cacheDir = await mkdtemp(path.join(tmpdir(), 'maxray-packages-'));
});
afterAll(async () => {
  await rm(cacheDir, { recursive: true });
  await world.close();
});

const packages = (registry?: string): Packages =>
  new Packages(records, installed, new PackageSources({ cacheDir, registry }));

const CANONICAL = 'http://example.org/fhir';
const manifest = (name: string, version: string, dependencies: Record<string, string> = {}) => ({
  name,
  version,
  fhirVersions: ['4.0.1'],
  // Both are in the server.
  dependencies: { 'hl7.fhir.r4.core': '4.0.1', 'hl7.terminology.r4': '5.0.0', ...dependencies },
});
const valueSet = (id: string, version: string, rest: object = {}) => ({
  resourceType: 'ValueSet',
  id,
  url: `${CANONICAL}/ValueSet/${id}`,
  version,
  status: 'active',
  ...rest,
});
const archive = (files: Record<string, unknown>): Buffer =>
  gzipSync(
    tar(
      ...Object.entries(files).map(([name, content]) =>
        tarMember(name, typeof content === 'string' ? content : JSON.stringify(content)),
      ),
    ),
  );
const add = (files: Record<string, unknown>, registry?: string) =>
  packages(registry).add(LOCAL_CALLER, archiveFiles(archive(files)));
const stored = async (id: string, version: string) => {
  const one = valueSet(id, version);
  return JSON.parse((await records.read(LOCAL_CALLER, 'ValueSet', stableId(one))).content) as Record<
    string,
    unknown
  >;
};

test('definitions are stored under stable ids, once; examples and other files are not', async () => {
  const files = {
    'package/package.json': manifest('test.one', '1.0.0'),
    'package/ImplementationGuide-one.json': {
      resourceType: 'ImplementationGuide',
      url: `${CANONICAL}/guide`,
    },
    'package/ValueSet-a.json': valueSet('a', '1.0.0'),
    'package/StructureDefinition-p.json': {
      resourceType: 'StructureDefinition',
      id: 'p',
      url: `${CANONICAL}/StructureDefinition/p`,
      version: '1.0.0',
      name: 'P',
      status: 'active',
      kind: 'resource',
      abstract: false,
      type: 'Patient',
      derivation: 'constraint',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
      differential: { element: [{ id: 'Patient', path: 'Patient' }] },
    },
    'package/example/ValueSet-example.json': valueSet('example', '1.0.0'),
    'package/Patient-p.json': { resourceType: 'Patient', id: 'p' },
    'package/.index.json': '{"index-version":1}',
    'package/other/script.txt': 'x',
    '../outside.json': valueSet('outside', '1.0.0'),
  };
  const {
    packages: [first],
  } = await add(files);
  expect(first).toEqual({
    name: 'test.one',
    version: '1.0.0',
    written: 2,
    unchanged: 0,
    refused: [],
    searchParameters: 0,
  });
  expect(await stored('a', '1.0.0')).toMatchObject({
    url: `${CANONICAL}/ValueSet/a`,
    meta: { versionId: '1' },
  });
  const {
    packages: [again],
  } = await add(files);
  expect(again).toMatchObject({ written: 0, unchanged: 2 });
  expect(await installed.all()).toMatchObject([{ name: 'test.one', guide: `${CANONICAL}/guide` }]);
  const supported = await new SupportedProfiles(store.structures, installed).current();
  expect(supported.profiles).toEqual(new Map([['Patient', [`${CANONICAL}/StructureDefinition/p|1.0.0`]]]));
  expect(supported.guides).toEqual([`${CANONICAL}/guide|1.0.0`]);
});

test('a newer version stands beside the older one; removing one leaves the other', async () => {
  const version = (number: string) => ({
    'package/package.json': manifest('test.two', number),
    'package/ValueSet-b.json': valueSet('b', number),
    'package/ValueSet-same.json': valueSet('same', '7'),
  });
  await add(version('1.0.0'));
  expect((await add(version('2.0.0'))).packages[0]).toMatchObject({ written: 1, unchanged: 1 });
  expect((await stored('b', '1.0.0')).version).toBe('1.0.0');
  expect((await stored('b', '2.0.0')).version).toBe('2.0.0');
  expect(await packages().remove(LOCAL_CALLER, { name: 'test.two', version: '1.0.0' })).toBe(1);
  await expect(stored('b', '1.0.0')).rejects.toMatchObject({ category: 'gone' });
  expect((await stored('same', '7')).version).toBe('7');
  await expect(packages().remove(LOCAL_CALLER, { name: 'test.two', version: '1.0.0' })).rejects.toMatchObject(
    {
      category: 'not-found',
    },
  );
});

test('packages that one needs come from the cache and the registry; what cannot be had is told', async () => {
  const asked: string[] = [];
  const server = http.createServer(({ url = '' }, response) => {
    asked.push(url);
    if (url === '/test.remote')
      return response.end(JSON.stringify({ versions: { '1.2.0': {}, '1.10.0': {}, '2.0.0': {} } }));
    if (url !== '/test.remote/1.10.0') return response.writeHead(404).end();
    return response.end(
      archive({
        'package/package.json': manifest('test.remote', '1.10.0'),
        'package/ValueSet-remote.json': valueSet('remote', '1'),
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cached = path.join(cacheDir, 'test.cached#3.0.0', 'package');
  await mkdir(cached, { recursive: true });
  await writeFile(
    path.join(cached, 'package.json'),
    JSON.stringify(manifest('test.cached', '3.0.0', { 'test.remote': '1.x' })),
  );
  await writeFile(path.join(cached, 'ValueSet-cached.json'), JSON.stringify(valueSet('cached', '1')));
  try {
    const needs = { 'test.cached': '3.0.0', 'test.nowhere': '1.0.0' };
    const report = await add({ 'package/package.json': manifest('test.needing', '1.0.0', needs) }, registry);
    expect(report.packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'test.needing 1.0.0',
      'test.cached 3.0.0',
      'test.remote 1.10.0',
    ]);
    expect(report.missing).toEqual([
      { name: 'test.nowhere@1.0.0', reason: expect.stringContaining('the registry answers 404') },
    ]);
    expect(asked.sort()).toEqual(['/test.nowhere/1.0.0', '/test.remote', '/test.remote/1.10.0']);
    await expect(
      packages().remove(LOCAL_CALLER, { name: 'test.cached', version: '3.0.0' }),
    ).rejects.toMatchObject({
      category: 'conflict',
      message: expect.stringContaining('test.needing@1.0.0'),
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  await expect(packages().add(LOCAL_CALLER, { name: 'test.nowhere' })).rejects.toMatchObject({
    category: 'not-found',
  });
});

test('what is no package for R4, and resources without the structure of FHIR, are refused', async () => {
  const refused = async (files: Record<string, unknown>) => {
    const error = await add(files).then(
      () => undefined,
      (reason: Error) => reason,
    );
    return error?.message;
  };
  expect(await refused({ 'package/ValueSet-a.json': valueSet('a', '1') })).toContain(
    'no package/package.json',
  );
  expect(
    await refused({ 'package/package.json': { ...manifest('test.r5', '1'), fhirVersions: ['5.0.0'] } }),
  ).toContain('for FHIR 5.0.0');
  expect(
    await refused({ 'package/package.json': { ...manifest('test.any', '1'), fhirVersions: [] } }),
  ).toContain("does not say by 'fhirVersions'");
  expect(await refused({ 'package/package.json': manifest('../../etc', '1') })).toContain('no usable name');
  expect(await refused({ 'package/package.json': '{' })).toContain('The package.json of the package cannot');
  const broken = packages().add(LOCAL_CALLER, archiveFiles(Buffer.from('no archive')));
  await expect(broken).rejects.toMatchObject({ category: 'incorrect' });
  const {
    packages: [report],
  } = await add({
    'package/package.json': manifest('test.wrong', '1.0.0'),
    'package/ValueSet-wrong.json': valueSet('wrong', '1', { status: 1 }),
    'package/ValueSet-broken.json': '{"resourceType":',
    'package/ValueSet-fine.json': valueSet('fine', '1'),
  });
  expect(report).toMatchObject({
    written: 1,
    refused: [
      { resource: expect.stringContaining('ValueSet/wrong-') },
      { resource: 'ValueSet-broken.json', reason: expect.stringContaining('not well-formed JSON') },
    ],
  });
  const dotted = await add({
    './package/package.json': manifest('test.dotted', '1.0.0'),
    './package/ImplementationGuide-broken.json': '{',
    './package/ValueSet-dotted.json': valueSet('dotted', '1'),
  });
  expect(dotted.packages).toMatchObject([{ written: 1, refused: [{}] }]);
  const many = Array.from({ length: PACKAGE_ENTRIES_MAX + 1 }, () => tarMember('package/other/x', ''));
  await expect(packages().add(LOCAL_CALLER, archiveFiles(gzipSync(tar(...many))))).rejects.toMatchObject({
    category: 'too-large',
  });
});

test('names and versions', () => {
  expect(parsePackageWish('hl7.fhir.us.core@6.1.0')).toEqual({ name: 'hl7.fhir.us.core', version: '6.1.0' });
  expect(parsePackageWish('hl7.fhir.us.core#6.1.0')).toEqual({ name: 'hl7.fhir.us.core', version: '6.1.0' });
  for (const text of ['core', 'hl7.fhir/../x@1', 'hl7.fhir.us.core@../1', 'a.b@1/2', '', '@1'])
    expect(() => parsePackageWish(text)).toThrow('NAME@VERSION');
  const versions = ['1.9.0', '1.10.0', '2.0.0-ballot', '1.10.0-draft', '../x'];
  expect(chosenVersion({ name: 'a.b' }, versions)).toBe('1.10.0');
  expect(chosenVersion({ name: 'a.b', version: '1.9.x' }, versions)).toBe('1.9.0');
  expect(chosenVersion({ name: 'a.b', version: '2.x' }, versions)).toBe('2.0.0-ballot');
  expect(chosenVersion({ name: 'a.b', version: '3.x' }, versions)).toBeUndefined();
});
