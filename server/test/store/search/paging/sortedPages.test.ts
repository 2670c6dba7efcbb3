import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../../src/fhir/definitions/types.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { OWN_BASE, SearchWorld } from '../searchWorld.ts';
import { about, at, coded, g, measured, mg, named, period, risk, stay, undated } from './resources.ts';
import { thereAndBack } from './thereAndBack.ts';

interface Case {
  type: string;
  /** In the order of their making. */
  resources: Record<string, object>;
  /** Condition of the search, besides the order. */
  where?: string;
  orders: Record<string, string>;
}

const CASES: Record<string, Case> = {
  'the main date': {
    type: 'Observation',
    resources: {
      month: at('2020-05'),
      day: at('2020-05-01'),
      none: undated,
      since: period('2021-01-01'),
      until: period(undefined, '2022-01-01'),
      before: at('2019-12-31T23:59:59.999Z'),
      zone: at('2020-05-01T02:00:00+02:00'),
      never: undated,
      'until-too': period(undefined, '2018-01-01'),
    },
    orders: {
      date: 'until until-too before month day zone since none never',
      '-date': 'since month day zone before until until-too none never',
    },
  },
  'the main date of one code': {
    type: 'Observation',
    where: 'code=a',
    resources: {
      other: { ...coded('b'), effectiveDateTime: '2020-03-01' },
      first: { ...coded('a'), effectiveDateTime: '2020-03-01' },
      both: { ...coded('a', 'b'), effectiveDateTime: '2020-02-01' },
      none: coded('a'),
      until: { ...coded('a'), ...period(undefined, '2020-01-01'), code: { coding: [{ code: 'a' }] } },
      same: { ...coded('a'), effectiveDateTime: '2020-03-01' },
    },
    orders: { date: 'until both first same none', '-date': 'first same both until none' },
  },
  'the main date of several codes': {
    type: 'Observation',
    where: 'code=a,b',
    resources: {
      b: { ...coded('b'), effectiveDateTime: '2020-03-01' },
      a: { ...coded('a'), effectiveDateTime: '2020-03-01' },
      both: { ...coded('a', 'b'), effectiveDateTime: '2020-02-01' },
      c: { ...coded('c'), effectiveDateTime: '2020-02-01' },
      none: coded('a', 'b'),
      later: { ...coded('b', 'a'), effectiveDateTime: '2020-04-01' },
    },
    orders: { date: 'both b a later none', '-date': 'later b a both none' },
  },
  'the main date of one patient': {
    type: 'Observation',
    where: 'patient=a',
    resources: {
      old: { ...about('Patient/a'), effectiveDateTime: '2020-03-01' },
      other: { ...about('Patient/b'), effectiveDateTime: '2020-03-01' },
      none: about(`${OWN_BASE}/Patient/a`),
      same: { ...about('Patient/a'), effectiveDateTime: '2020-03-01' },
      new: { ...about('Patient/a'), effectiveDateTime: '2020-03-02' },
      nothing: about('Patient/a'),
    },
    orders: { date: 'old same new none nothing', '-date': 'new old same none nothing' },
  },
  'the main date of a code of one patient': {
    type: 'Observation',
    where: 'patient=a&code=urn:s|a',
    resources: {
      old: { ...about('Patient/a'), ...coded('a'), effectiveDateTime: '2020-03-01' },
      other: { ...about('Patient/b'), ...coded('a'), effectiveDateTime: '2020-03-01' },
      uncoded: { ...about('Patient/a'), effectiveDateTime: '2020-03-01' },
      none: { ...about('Patient/a'), ...coded('a') },
      elsewhere: { ...about('Patient/a'), code: { coding: [{ system: 'urn:t', code: 'a' }] } },
      both: { ...about('Patient/a'), ...coded('a', 'b'), effectiveDateTime: '2020-03-01' },
      new: { ...about('Patient/a'), ...coded('b', 'a'), effectiveDateTime: '2020-03-02' },
    },
    orders: { date: 'old both new none', '-date': 'new old both none' },
  },
  'the main date of codes with a value': {
    type: 'Observation',
    where: 'code=a,b&value-quantity=gt5|http://unitsofmeasure.org|mg,lt1',
    resources: {
      high: { ...measured(6, mg), ...coded('a'), effectiveDateTime: '2020-03-01' },
      higher: { ...measured(1, g), ...coded('b', 'a') },
      just: { ...measured(5, mg), ...coded('a'), effectiveDateTime: '2020-03-02' },
      low: { ...measured(0.9), ...coded('b'), effectiveDateTime: '2020-03-03' },
      over: { ...measured(5, mg, '>'), ...coded('a'), effectiveDateTime: '2020-03-04' },
      under: { ...measured(7, undefined, '<'), ...coded('a'), effectiveDateTime: '2020-03-02' },
      'no unit': { ...measured(6), ...coded('a') },
      unmeasured: coded('a'),
      other: { ...measured(6, mg), ...coded('c') },
    },
    orders: { date: 'high under low over higher', '-date': 'over low under high higher' },
  },
  'a main date that ends after a moment': {
    type: 'Observation',
    where: 'date=ge2020-06-01',
    resources: {
      before: at('2020-05-31T23:59:59Z'),
      into: period('2020-05-31T23:30:00Z', '2020-06-02T00:30:00Z'),
      long: period('2019-01-01', '2020-06-02'),
      open: period('2018-01-01'),
      ever: period(undefined, '2030-01-01'),
      month: at('2020-06'),
      year: at('2020'),
      past: period('2017-01-01', '2018-01-01'),
      none: undated,
    },
    orders: {
      date: 'ever open long year into month',
      '-date': 'month into year long open ever',
    },
  },
  'another date, of which there can be several': {
    type: 'Encounter',
    resources: {
      early: stay('2020-01-01'),
      wide: stay('2019-01-01', '2021-01-01'),
      none: stay(),
      late: stay('2020-06-01'),
      twice: stay('2020-01-01', '2020-01-01'),
    },
    orders: {
      'location-period': 'wide early twice late none',
      '-location-period': 'wide late early twice none',
    },
  },
  strings: {
    type: 'Patient',
    resources: {
      smith: named('Smith'),
      none: {},
      'e-acute': named('Éclair'),
      two: named('Zorn', 'Adam'),
      again: named('smith', 'SMITH', 'Smith'),
      echo: named('echo'),
      nothing: { name: [{ given: ['Anna'] }] },
    },
    orders: {
      family: 'two echo e-acute smith again none nothing',
      '-family': 'two smith again e-acute echo none nothing',
    },
  },
  numbers: {
    type: 'RiskAssessment',
    resources: {
      half: risk({ probabilityDecimal: 0.5 }),
      both: risk({ probabilityDecimal: 0.1 }, { probabilityDecimal: 0.9 }),
      none: risk(),
      wide: risk({ probabilityRange: { low: { value: 0.2 }, high: { value: 0.6 } } }),
      tiny: risk({ probabilityDecimal: 0.000_000_000_000_1 }),
    },
    orders: {
      probability: 'tiny both wide half none',
      '-probability': 'both wide half tiny none',
    },
  },
  quantities: {
    type: 'Observation',
    resources: {
      gram: measured(1, g),
      milligram: measured(999, mg),
      none: undated,
      below: measured(500, mg, '<'),
      above: measured(500, mg, '>'),
      plain: measured(2),
      same: measured(1000, mg),
    },
    orders: {
      // In grams; `<` is open below, `>` above.
      'value-quantity': 'below above milligram gram same plain none',
      '-value-quantity': 'above plain gram same milligram below none',
    },
  },
  'tokens with codes': {
    type: 'Observation',
    resources: {
      b: coded('b'),
      ac: coded('c', 'a'),
      text: undated,
      upper: coded('B'),
      'b-too': coded('b'),
    },
    orders: { code: 'upper ac b b-too text', '-code': 'ac b b-too upper text' },
  },
  booleans: {
    type: 'Patient',
    resources: { yes: { active: true }, none: {}, no: { active: false }, 'yes-too': { active: true } },
    orders: { active: 'no yes yes-too none', '-active': 'yes yes-too no none' },
  },
  references: {
    type: 'Observation',
    resources: {
      b: about('Patient/b'),
      own: about(`${OWN_BASE}/Patient/a`),
      none: undated,
      foreign: about('http://other.example/Patient/a'),
      logical: { ...undated, subject: { identifier: { value: '1' } } },
    },
    orders: { subject: 'own b foreign none logical', '-subject': 'foreign b own none logical' },
  },
  uris: {
    type: 'ValueSet',
    resources: {
      two: { status: 'active', url: 'http://x/2' },
      none: { status: 'active' },
      ten: { status: 'active', url: 'http://x/10' },
    },
    orders: { url: 'ten two none', '-url': 'two ten none' },
  },
  ids: {
    type: 'Basic',
    resources: { b: { code: {} }, B: { code: {} }, a: { code: {} }, 'a-': { code: {} } },
    orders: { _id: 'B a a- b', '-_id': 'b a- a B' },
  },
  'several keys': {
    type: 'Patient',
    resources: {
      'smith-90': { ...named('smith'), birthDate: '1990-01-01' },
      'smith-80': { ...named('Smith'), birthDate: '1980-01-01' },
      'jones-none': named('Jones'),
      'none-80': { birthDate: '1980-01-01' },
      'jones-90': { ...named('Jones'), birthDate: '1990-01-01' },
      none: {},
      'smith-none': named('smith'),
      'smith-90-too': { ...named('SMITH'), birthDate: '1990' },
      'none-90': { birthDate: '1990-01-01' },
    },
    orders: {
      'family,-birthdate':
        'jones-90 jones-none smith-90 smith-90-too smith-80 smith-none none-90 none-80 none',
      '-birthdate,family':
        'jones-90 smith-90 smith-90-too none-90 smith-80 none-80 jones-none smith-none none',
      '-family,birthdate,-_id':
        'smith-80 smith-90-too smith-90 smith-none jones-90 jones-none none-80 none-90 none',
    },
  },
};

describe('pages in the order of', () => {
  let definitions: Definitions;
  let world: SearchWorld;
  beforeAll(async () => {
    definitions = await r4Definitions();
  });

  describe.each(Object.entries(CASES))('%s', (_name, { type, resources, where, orders }) => {
    beforeAll(async () => {
      world = await SearchWorld.open(definitions);
      await world.put(`${type}/deleted`, Object.values(resources)[0]);
      for (const [id, members] of Object.entries(resources)) await world.put(`${type}/${id}`, members);
      await world.delete(`${type}/deleted`);
    });
    afterAll(() => world.close());

    test.each(Object.entries(orders))('%s', async (sort, order) => {
      const expected = order.split(' ');
      for (const count of [1, 2, 3, expected.length, 50]) {
        const query = world.parse(`${type}?_sort=${sort}&_count=${count}${where ? `&${where}` : ''}`);
        expect(await thereAndBack((at) => world.store.searcher.search(query, at))).toEqual(expected);
        for (const shape of await world.shapes(query)) {
          const found = await thereAndBack((at) => world.wholePageBy(shape, query, at));
          expect({ shape, found }).toEqual({ shape, found: expected });
        }
      }
    });

    test('their making, unsorted', async () => {
      const [sorted] = Object.values(orders) as [string];
      const expected = Object.keys(resources).filter((id) => sorted.split(' ').includes(id));
      const query = world.parse(`${type}?_count=2${where ? `&${where}` : ''}`);
      for (const shape of await world.shapes(query)) {
        const found = await thereAndBack((at) => world.wholePageBy(shape, query, at));
        expect({ shape, found }).toEqual({ shape, found: expected });
      }
    });
  });
});
