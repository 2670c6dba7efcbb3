import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadRelease } from '../../../src/cli/terminology/loadRelease.ts';
import { findRelease } from '../../../src/cli/terminology/releases.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { ReleaseWriter } from '../../../src/store/terminology/releaseWriter.ts';
import { Terminology } from '../../../src/terminology/terminology.ts';
import type { ExpansionRequest } from '../../../src/terminology/valueSets/expansion.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';
import { loinc, rxNorm, snomed, snomedExtension } from './madeReleases.ts';

const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const PLAIN: ExpansionRequest = {
  activeOnly: false,
  excludeNested: false,
  excludeNotForUI: false,
  includeDefinition: false,
  includeDesignations: false,
  designations: [],
  properties: [],
  excludedSystems: [],
  echo: [],
};

interface Expansion {
  expansion: { total: number; contains?: { code: string; display?: string; inactive?: boolean }[] };
}

describe('releases of large code systems', () => {
  let world: TestDatabase;
  let terminology: Terminology;
  let writer: ReleaseWriter;
  let revision: Store['terminologyRevision'];
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-releases-'));
  const never = new AbortController().signal;
  const load = async (name: string, stop = never) => {
    const release = await findRelease(path.join(folder, name));
    const loaded = await loadRelease(
      writer,
      { ...release!, version: release!.version! },
      () => undefined,
      stop,
    );
    revision.changed('CodeSystem'); // as a second of waiting would
    return loaded;
  };
  const expand = async (canonical: string, request: Partial<ExpansionRequest> = {}) =>
    (await terminology.expand({ canonical }, { ...PLAIN, ...request })) as unknown as Expansion;
  const filtered = async (system: string, ...filters: [string, string, string][]) => {
    const filter = filters.map(([property, op, value]) => ({ property, op, value }));
    const resource = { resourceType: 'ValueSet', compose: { include: [{ system, filter }] } };
    const { expansion } = (await terminology.expand({ resource }, PLAIN)) as unknown as Expansion;
    return (expansion.contains ?? []).map(({ code }) => code);
  };
  const isValid = async (system: string, code: string, display: string, canonical: string) => {
    const [result] = await terminology.validateCode(
      { canonical },
      {
        kind: 'coding',
        codings: [{ system, code, display }],
        inferSystem: false,
        lenientDisplay: false,
        abstractAllowed: true,
        activeOnly: false,
        membershipOnly: false,
      },
    );
    return result !== undefined && 'valueBoolean' in result && result.valueBoolean;
  };
  const codes = async (canonical: string, request?: Partial<ExpansionRequest>) =>
    ((await expand(canonical, request)).expansion.contains ?? []).map(({ code }) => code);

  beforeAll(async () => {
    world = await testDatabase();
    const definitions = await r4Definitions();
    const store = openStore(
      world.database,
      world.schema,
      definitions,
      new Uint8Array(16),
      'http://x/fhir/R4',
    );
    revision = store.terminologyRevision;
    terminology = new Terminology(
      store,
      world.schema,
      definitions,
      path.join(os.tmpdir(), 'maxray-test-data', 'cache'),
    );
    writer = new ReleaseWriter(world.database, world.schema);
    for (const [name, make] of Object.entries({ snomed, snomedExtension, loinc, rxNorm }))
      make(path.join(folder, name));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await world.close();
  });

  test('are recognised by their files', async () => {
    const of = async (name: string) => {
      const { url, version } = (await findRelease(path.join(folder, name)))!;
      return [url, version];
    };
    expect(await of('snomed')).toEqual([SNOMED, `${SNOMED}/900000000000207008/version/20240101`]);
    expect(await of('snomedExtension')).toEqual([SNOMED, `${SNOMED}/999000041000000102/version/20240401`]);
    expect(await of('loinc')).toEqual([LOINC, '2.99']);
    expect(await of('rxNorm')).toEqual([RXNORM, '2025-01-06']);
    expect(await findRelease(path.join(folder, 'loinc/Loinc_2.99/AccessoryFiles'))).toBeUndefined();
  });

  test('a load that is stopped is not used, and goes on where it was', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await load('snomed', stop.signal)).toBe('stopped');
    await expect(expand(`${SNOMED}?fhir_vs`)).rejects.toThrow('could not be found');
    expect(await load('snomed', stop.signal)).toBe('stopped');
    expect(await load('snomed')).toBe(6);
    expect(await load('snomed')).toBe('ready');
  });

  test('SNOMED CT: hierarchy, refsets, expressions, words', async () => {
    expect(await codes(`${SNOMED}?fhir_vs=isa/404684003`)).toEqual(['404684003', '57809008', '22298006']);
    expect(await codes(`${SNOMED}?fhir_vs=refset/723264001`)).toEqual(['80891009']);
    expect(await codes(`${SNOMED}?fhir_vs=ecl/<404684003`)).toEqual(['57809008', '22298006']);
    expect(await codes(`${SNOMED}?fhir_vs=ecl/<!404684003 |Clinical finding|`)).toEqual(['57809008']);
    const either = 'ecl/57809008 |Disorder| OR 22298006 |Heart attack, or MI OR infarct|';
    expect(await codes(`${SNOMED}?fhir_vs=${either}`)).toEqual(['57809008', '22298006']);
    expect(await codes(`${SNOMED}?fhir_vs=ecl/<<404684003 MINUS 22298006`)).toEqual([
      '404684003',
      '57809008',
    ]);
    expect(await codes(`${SNOMED}?fhir_vs=ecl/>22298006`)).toEqual(
      expect.arrayContaining(['138875005', '57809008']),
    );
    expect(await codes(`${SNOMED}?fhir_vs`, { filter: 'heart att' })).toEqual(['22298006']);
    expect(await codes(`${SNOMED}?fhir_vs`, { filter: `heart ${'é'.repeat(1_024)}` })).toEqual([]);
    expect(await codes(`${SNOMED}?fhir_vs`, { activeOnly: true })).not.toContain('100000000');
    const { expansion } = await expand(`${SNOMED}?fhir_vs`, { count: 2, offset: 3 });
    expect(expansion.total).toBe(6);
    expect(expansion.contains).toEqual([
      { system: SNOMED, code: '22298006', display: 'Myocardial infarction' },
      { system: SNOMED, code: '80891009', display: 'Heart structure' },
    ]);
  });

  test('SNOMED CT: comparison, look-up, validation', async () => {
    const compare = (a: string, b: string) => terminology.subsumption(SNOMED, undefined, [a, b]);
    expect(await compare('404684003', '22298006')).toBe('subsumes');
    expect(await compare('22298006', '80891009')).toBe('not-subsumed');
    const told = JSON.stringify(
      await terminology.lookup({
        coding: { system: SNOMED, code: '22298006' },
        properties: ['*'],
        supplements: [],
      }),
    );
    for (const text of ['Heart attack', 'Myocardial disease', '363698007', '80891009'])
      expect(told).toMatch(text);
    expect(told).not.toMatch('No longer said');
    const below = `${SNOMED}?fhir_vs=isa/404684003`;
    expect(await isValid(SNOMED, '22298006', 'Heart attack', below)).toBe(true);
    expect(await isValid(SNOMED, '22298006', 'Myocardial infarction (disorder)', below)).toBe(true);
    expect(await isValid(SNOMED, '22298006', 'No longer said', below)).toBe(false);
  });

  test('SNOMED CT: filters of its own', async () => {
    expect(await filtered(SNOMED, ['concept', 'in', '723264001'])).toEqual(['80891009']);
    expect(await filtered(SNOMED, ['concept', 'in', '404684003,57809008'])).toEqual([
      '404684003',
      '57809008',
    ]);
    expect(await filtered(SNOMED, ['constraint', '=', '< 404684003 |Finding|'])).toEqual([
      '57809008',
      '22298006',
    ]);
    const without: [string, string, string] = ['constraint', '=', '<<404684003 MINUS 57809008'];
    expect(await filtered(SNOMED, without)).toEqual(['404684003', '22298006']);
    expect(await filtered(SNOMED, without, ['concept', 'descendent-of', '404684003'])).toEqual(['22298006']);
    const plain: [string, string, string] = ['expressions', '=', 'false'];
    expect(await filtered(SNOMED, plain, ['concept', 'is-a', '57809008'])).toEqual(['57809008', '22298006']);
    const refined = '< 404684003 : 363698007 = 80891009';
    await expect(filtered(SNOMED, ['constraint', '=', refined])).rejects.toThrow('was not understood');
    await expect(filtered(SNOMED, ['constraints', '=', '*'])).rejects.toThrow('was not understood');
    expect(await filtered(SNOMED, ['363698007', '=', '80891009'])).toEqual(['22298006']);
  });

  test('SNOMED CT: an edition in several folders', async () => {
    expect(await load('snomedExtension')).toBe(7);
    const national = `${SNOMED}/999000041000000102?fhir_vs=ecl/<57809008`;
    expect(await codes(national)).toEqual(['22298006', '999000001']);
  });

  test('LOINC: properties, answers, groups, quoted lines', async () => {
    expect(await load('loinc')).toBe(7);
    expect(await codes(`${LOINC}/vs/LL1-9`)).toEqual(['LA33-6', 'LA32-8']);
    expect(await codes(`${LOINC}/vs/LP7787-7`)).toEqual(expect.arrayContaining(['718-7', 'LP7787-7']));
    const { expansion } = await expand(`${LOINC}/vs`, { filter: 'glycated' });
    expect(expansion.contains).toEqual([
      { system: LOINC, code: '4548-4', display: 'Hemoglobin A1c, "glycated"\nin Blood' },
    ]);
    const of = (...filter: [string, string, string]) => filtered(LOINC, filter);
    expect(await of('CLASS', '=', 'HEM/BC')).toEqual(['718-7', '4548-4']);
    expect(await of('COMPONENT', 'regex', 'Hemoglobin.*')).toEqual(['718-7', '4548-4']);
    expect(await of('STATUS', 'in', 'DEPRECATED,TRIAL')).toEqual(['1-8']);
    expect(await of('parent', '=', 'LP7787-7')).toEqual(['718-7']);
    expect(await of('ancestor', '=', 'LP7787-7')).toEqual(['718-7']);
    expect(await of('copyright', '=', '3rdParty')).toEqual(['1-8']);
    await expect(of('SHORTNAME', 'exists', 'true')).rejects.toThrow('was not understood');
    await expect(of('CLASS', 'regex', '(((')).rejects.toThrow('not well formed');
    for (const name of ['Hgb Bld-mCnc', 'hemoglobin [mass/volume] in blood'])
      expect(await isValid(LOINC, '718-7', name, `${LOINC}/vs`)).toBe(true);
    expect(await isValid(LOINC, 'la33-6', 'yes', `${LOINC}/vs`)).toBe(true);
    expect(await isValid(LOINC, '718-7', 'Glucose', `${LOINC}/vs`)).toBe(false);
  });

  test('RxNorm: names, relations, what is not used any more', async () => {
    expect(await load('rxNorm')).toBe(3);
    const all = {
      resource: { resourceType: 'ValueSet', compose: { include: [{ system: RXNORM }] } },
    };
    const { expansion } = (await terminology.expand(all, PLAIN)) as unknown as Expansion;
    expect(expansion.contains).toEqual([
      { system: RXNORM, code: '161', display: 'acetaminophen' },
      { system: RXNORM, code: '313782', display: 'acetaminophen 325 MG Oral Tablet' },
      { system: RXNORM, inactive: true, code: '999', display: 'forgotten' },
    ]);
    expect(await terminology.subsumption(RXNORM, undefined, ['161', '313782'])).toBe('subsumes');
    expect(await filtered(RXNORM, ['has_ingredient', '=', 'CUI:161'])).toEqual(['313782']);
    expect(await filtered(RXNORM, ['SAB', '=', 'RXNORM'], ['STY', '=', 'T109'])).toEqual(['161']);
    await expect(filtered(RXNORM, ['SAB', '=', 'MMSL'])).rejects.toThrow('was not understood');
  });

  test('what PostgreSQL cannot even be asked about is in none of them', async () => {
    const ask = async (question: Parameters<Terminology['codes']['answer']>[0][number]) =>
      (await terminology.codes.answer([question]))[0]!.verdict;
    const codings = [{ system: SNOMED, code: '22298006\0' }];
    expect(await ask({ valueSet: `${SNOMED}?fhir_vs=isa/404684003`, codings })).toBe('out');
    const filter = [{ property: 'concept', op: 'is-a', value: '404684003\0' }];
    const resource = { resourceType: 'ValueSet', compose: { include: [{ system: SNOMED, filter }] } };
    const known = [{ system: SNOMED, code: '22298006' }];
    expect(await ask({ valueSet: '#own', resource, codings: known })).toBe('unknown');
    const codes = ['404684003', '2\0'] as const;
    expect(await terminology.codes.subsumes({ system: SNOMED, codes })).toBeUndefined();
    expect(await terminology.codes.subsumes({ system: SNOMED, codes: ['404684003', '22298006'] })).toBe(true);
    expect(await terminology.codes.subsumes({ system: SNOMED, codes: ['22298006', '404684003'] })).toBe(
      false,
    );
  });

  test('can be taken out', async () => {
    expect(await writer.remove(RXNORM, '2025-01-06')).toBe(true);
    expect(await writer.remove(RXNORM, '2025-01-06')).toBe(false);
    revision.changed('CodeSystem');
    await expect(terminology.subsumption(RXNORM, undefined, ['161', '161'])).rejects.toThrow(
      'could not be found',
    );
  });
});
