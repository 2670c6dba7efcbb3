import { beforeAll, describe, expect, test } from '@jest/globals';
import { operationServer, to } from '../support.ts';

const { api, base, put, refusal, post } = operationServer();

const UCUM = 'http://unitsofmeasure.org';
const LOINC = 'http://loinc.org';
const STATISTICS = 'http://terminology.hl7.org/CodeSystem/observation-statistics';

interface Component {
  code: { coding: { code: string }[]; text?: string };
  valueQuantity?: { value: number; unit?: string; system: string; code: string };
  valueInteger?: number;
  dataAbsentReason?: { coding: { code: string }[] };
}
interface Statistics {
  status: string;
  code: { coding: { system: string; code: string; display?: string }[] };
  subject: object;
  effectivePeriod?: { start?: string; end?: string };
  component: Component[];
}
type Parameter = { name: string; resource: Statistics & { id: string } };

const code = (code: string) => ({ coding: [{ system: LOINC, code }] });
const quantity = (value: number, code: string, unit = code) => ({ value, unit, system: UCUM, code });
let made = 0;
const observe = (members: object, id = `o${++made}`) =>
  put(`Observation/${id}`, { status: 'final', subject: to('Patient/ann'), ...members });
const pulse = (value: number, at: string, more: object = {}) =>
  observe({
    code: code('pulse'),
    effectiveDateTime: at,
    valueQuantity: quantity(value, '/min', 'beats/min'),
    ...more,
  });

/** Statistics by code of what they are of, figures by their code. */
const figuresOf = (parameters: Parameter[]) =>
  Object.fromEntries(
    parameters
      .filter(({ name }) => name === 'statistics')
      .map(({ resource }) => [
        resource.code.coding[0]!.code,
        Object.fromEntries(
          resource.component.map((one) => [
            one.code.text ?? one.code.coding[0]!.code,
            one.valueInteger ?? one.valueQuantity?.value ?? one.dataAbsentReason!.coding[0]!.code,
          ]),
        ),
      ]),
  );
const stats = async (query: string) => {
  const { body } = await api().get(`/Observation/$stats?subject=Patient/ann&${query}`).expect(200);
  return body.parameter as Parameter[];
};
const of = (codes: string, ...statistics: string[]) =>
  `${codes
    .split(' ')
    .map((one) => `code=${one}`)
    .join('&')}&system=${LOINC}&${statistics.map((one) => `statistic=${one}`).join('&')}`;

beforeAll(async () => {
  await put('Patient/ann');
  await pulse(60, '2024-03-01T00:00:00Z');
  await pulse(70, '2024-03-01T01:00:00Z');
  await pulse(80, '2024-03-01T02:00:00Z');
  // None of these counts; all but the last three are of this code, subject and record.
  await pulse(900, '2024-03-01T01:00:00Z', { valueQuantity: { ...quantity(900, '/min'), comparator: '>' } });
  await pulse(900, '2024-03-01T01:00:00Z', { valueQuantity: { value: 900, unit: 'beats' } });
  await pulse(900, '2024-03-01T01:00:00Z', { modifierExtension: [{ url: 'urn:not', valueBoolean: true }] });
  await observe({ code: code('pulse'), effectiveDateTime: '2024-03-01', dataAbsentReason: { text: 'none' } });
  await pulse(900, '2024-03-01T01:00:00Z', { status: 'entered-in-error' });
  await pulse(900, '2024-03-01T01:00:00Z', { subject: to('Patient/bob') });
  await pulse(900, '2024-03-01T01:00:00Z', { code: { coding: [{ system: 'urn:other', code: 'pulse' }] } });
});

describe('$stats', () => {
  test('figures, and what they are of', async () => {
    const [parameter, ...more] = await stats(
      of('pulse', 'average', 'max', 'min', 'count', 'total-count', 'variance'),
    );
    expect(more).toEqual([]);
    const { code, status, subject, effectivePeriod, component } = parameter!.resource;
    expect({ code, status, subject, effectivePeriod }).toEqual({
      code: { coding: [{ system: LOINC, code: 'pulse' }] },
      status: 'final',
      subject: to('Patient/ann'),
      effectivePeriod: { start: '2024-03-01T00:00:00.000Z', end: '2024-03-01T02:00:00.000Z' },
    });
    const named = (code: string, display: string) => ({ coding: [{ system: STATISTICS, code, display }] });
    expect(component).toEqual([
      { code: named('average', 'Average'), valueQuantity: quantity(70, '/min', 'beats/min') },
      { code: named('maximum', 'Maximum'), valueQuantity: quantity(80, '/min', 'beats/min') },
      { code: named('minimum', 'Minimum'), valueQuantity: quantity(60, '/min', 'beats/min') },
      { code: named('count', 'Count'), valueInteger: 3 },
      { code: named('total-count', 'Total Count'), valueInteger: 7 },
      {
        code: named('variance', 'Variance'),
        valueQuantity: { value: 100, system: UCUM, code: '(/min).(/min)' },
      },
    ]);
  });

  test('a regression counts hours from the beginning', async () => {
    const [{ resource }] = (await stats(of('pulse', 'regression'))) as [Parameter];
    expect(resource.component.map(({ code, valueQuantity }) => [code.text, valueQuantity])).toEqual([
      ['gradient', { value: 10, system: UCUM, code: '(/min)/h' }],
      ['intercept', quantity(60, '/min', 'beats/min')],
    ]);
  });

  test('a period by POST, both ends included', async () => {
    const sums = async (period: object) => {
      const { body } = await post('/Observation/$stats', [
        { name: 'subject', valueUri: `${base()}/Patient/ann` },
        { name: 'coding', valueCoding: { system: LOINC, code: 'pulse', display: 'Pulse' } },
        { name: 'statistic', valueCode: 'sum' },
        { name: 'period', valuePeriod: period },
      ]).expect(200);
      return body.parameter[0].resource as Statistics;
    };
    const whole = await sums({ start: '2024-03-01T01:00:00Z', end: '2024-03-01T02:00:00Z' });
    expect(whole.component[0]!.valueQuantity!.value).toBe(150);
    expect(whole.code.coding[0]!.display).toBe('Pulse');
    expect(whole.subject).toEqual(to(`${base()}/Patient/ann`));
    expect((await sums({ end: '2024-03-01T00:59:59Z' })).component[0]!.valueQuantity!.value).toBe(60);
    const later = await sums({ start: '2024-03-02' });
    expect(later.component[0]!.dataAbsentReason!.coding[0]!.code).toBe('not-applicable');
    expect(later.effectivePeriod).toEqual({ start: '2024-03-02T00:00:00.000Z' });
  });
});

describe('what $stats counts', () => {
  test('a duration counts back from now', async () => {
    await pulse(50, new Date(Date.now() - 30 * 60_000).toISOString(), { code: code('now') });
    await pulse(51, new Date(Date.now() - 90 * 60_000).toISOString(), { code: code('now') });
    await pulse(52, new Date(Date.now() + 60 * 60_000).toISOString(), { code: code('now') });
    const count = async (duration: string) =>
      figuresOf(await stats(`${of('now', 'count', 'sum')}&duration=${duration}`))['now'];
    expect(await count('1')).toEqual({ count: 1, sum: 50 });
    expect(await count('1.75')).toEqual({ count: 2, sum: 101 });
  });

  test('several codes have an observation each, also one that nobody measured', async () => {
    await observe({ code: code('weight'), valueQuantity: quantity(80.5, 'kg') });
    expect(figuresOf(await stats(of('weight nothing pulse', 'count', 'maximum')))).toEqual({
      weight: { count: 1, maximum: 80.5 },
      nothing: { count: 0, maximum: 'not-applicable' },
      pulse: { count: 3, maximum: 80 },
    });
  });

  test('units are converted to the one that most values have', async () => {
    await observe({ code: code('temperature'), valueQuantity: quantity(37, 'Cel') });
    await observe({ code: code('temperature'), valueQuantity: quantity(38, 'Cel') });
    await observe({ code: code('temperature'), valueQuantity: quantity(98.6, '[degF]') });
    const [{ resource }] = (await stats(of('temperature', 'sum'))) as [Parameter];
    expect(resource.component[0]!.valueQuantity).toEqual(quantity(112, 'Cel'));
  });

  test('units that do not convert are refused', async () => {
    await observe({ code: code('glucose'), valueQuantity: quantity(90, 'mg/dL') });
    await observe({ code: code('glucose'), valueQuantity: quantity(90, 'mg/dL') });
    await observe({ code: code('glucose'), valueQuantity: quantity(5, 'mmol/L') });
    const path = `/Observation/$stats?subject=Patient/ann&${of('glucose', 'sum')}`;
    expect(await refusal(path, 422)).toBe(
      'The values of the code glucose are in mmol/L and in mg/dL, which UCUM cannot convert: ask for a period in which one unit was used.',
    );
  });
});

describe('$stats of components and panels', () => {
  beforeAll(async () => {
    const pressure = (systolic: number, diastolic: number) => [
      { code: code('systolic'), valueQuantity: quantity(systolic, 'mm[Hg]') },
      { code: code('diastolic'), valueQuantity: quantity(diastolic, 'mm[Hg]') },
    ];
    await observe({ code: code('pressure'), component: pressure(120, 80) });
    await observe({ code: code('pressure'), component: pressure(140, 90) });
    await observe({ code: code('systolic'), valueQuantity: quantity(100, 'mm[Hg]') });
    await observe({ code: code('sodium'), valueQuantity: quantity(140, 'mmol/L') }, 'sodium');
    await observe({ code: code('potassium'), valueQuantity: quantity(4, 'mmol/L') }, 'potassium');
    await observe(
      { code: code('wrong'), status: 'entered-in-error', valueQuantity: quantity(1, '1') },
      'wrong',
    );
    await observe(
      { code: code('bobs'), subject: to('Patient/bob'), valueQuantity: quantity(1, '1') },
      'bobs',
    );
    await observe({ code: code('inner'), hasMember: [to('Observation/potassium')] }, 'inner');
    await observe({
      code: code('panel'),
      hasMember: [
        to('Observation/sodium'),
        to(`${base()}/Observation/inner`),
        to('Observation/wrong'),
        to('Observation/bobs'),
        to('http://elsewhere.example/fhir/Observation/sodium'),
      ],
    });
    await observe({
      code: code('apgar'),
      valueQuantity: quantity(9, '{score}'),
      component: [{ code: code('tone'), valueQuantity: quantity(2, '{score}') }],
    });
  });

  test.each([
    ['systolic', { systolic: { count: 3, sum: 360 } }],
    ['pressure', { systolic: { count: 2, sum: 260 }, diastolic: { count: 2, sum: 170 } }],
    ['pressure systolic', { systolic: { count: 3, sum: 360 }, diastolic: { count: 2, sum: 170 } }],
    ['panel', { sodium: { count: 1, sum: 140 }, potassium: { count: 1, sum: 4 } }],
    ['panel sodium', { sodium: { count: 1, sum: 140 }, potassium: { count: 1, sum: 4 } }],
    ['apgar', { apgar: { count: 1, sum: 9 } }],
    ['tone', { tone: { count: 1, sum: 2 } }],
  ])('%s', async (codes, expected) => {
    expect(figuresOf(await stats(of(codes, 'count', 'sum')))).toEqual(expected);
  });

  test('panels that contain each other end', async () => {
    await observe({ code: code('ring'), hasMember: [to('Observation/ring')] }, 'ring');
    expect(figuresOf(await stats(of('ring', 'count')))).toEqual({ ring: { count: 0 } });
  });
});

describe('source observations', () => {
  const sources = async (query: string) =>
    (await stats(query)).filter(({ name }) => name === 'source').map(({ resource }) => resource.id);

  beforeAll(async () => {
    for (let i = 1; i <= 4; i++) {
      await pulse(60, `2024-05-0${i}`, { code: code('may'), extension: [{ url: 'urn:x', valueDecimal: 1 }] });
      await put(`Observation/may${i}`, {
        status: 'final',
        subject: to('Patient/ann'),
        code: code('june'),
        effectiveDateTime: `2024-06-0${i}`,
        valueQuantity: quantity(i, '1'),
      });
    }
  });

  test.each([
    ['', []],
    ['&include=false&limit=2', []],
    ['&include=true', ['may4', 'may3', 'may2', 'may1']],
    ['&include=true&limit=3', ['may4', 'may3', 'may2']],
    ['&include=true&limit=1', ['may4']],
    ['&include=true&limit=5000', ['may4', 'may3', 'may2', 'may1']],
  ])('%s', async (query, expected) => {
    expect(await sources(`${of('june', 'count')}${query}`)).toEqual(expected);
  });

  test('members of panels are sources', async () => {
    const found = await sources(`${of('panel', 'count')}&include=true`);
    expect(found).toHaveLength(4);
    expect(found.slice(1)).toEqual(expect.arrayContaining(['inner', 'potassium', 'sodium']));
  });

  test('the limit does not limit the statistics', async () => {
    expect(figuresOf(await stats(`${of('june', 'sum')}&include=true&limit=1`))).toEqual({
      june: { sum: 10 },
    });
  });
});

describe('$stats refuses', () => {
  const valid = `subject=Patient/ann&code=x&system=${LOINC}&statistic=count`;

  test.each([
    [`code=x&system=${LOINC}&statistic=count`, 'subject must be a reference'],
    [valid.replace('Patient/ann', 'ann'), 'subject must be a reference'],
    [valid.replace(`&system=${LOINC}`, ''), 'Give each code together with its system'],
    [valid.replace(`&code=x&system=${LOINC}`, ''), 'Say what to count'],
    [valid.replace('code=x', 'coding=x'), 'coding must be a valueCoding'],
    [valid.replace('&statistic=count', ''), 'statistic must be one of average, maximum, minimum, median'],
    [valid.replace('=count', '=mode'), 'statistic must be one of average, maximum, minimum, median'],
    [`${valid}&duration=0`, 'duration must be a number of hours above 0'],
    [`${valid}&duration=-1`, 'duration must be a number of hours above 0'],
    [`${valid}&duration=day`, 'duration must be a number of hours above 0'],
    [`${valid}&duration=1&period=2024`, 'Give one of duration and period'],
    [`${valid}&period=2024`, 'period must be a valuePeriod'],
    [`${valid}&include=yes`, 'include must be true or false'],
    [`${valid}&include=true&limit=0`, 'limit must be a whole number from 1 up'],
    [
      `${valid}&params=average`,
      "$stats does not take 'params'; it takes subject, code, system, coding, duration",
    ],
    [valid.replace('=x', '=').replace('subject', 'subject'), 'Give each code together with its system'],
    [`${valid}${'&code=y'.repeat(100)}`, '$stats takes 100 codes at the most'],
  ])('%s', async (query, text) => {
    expect(await refusal(`/Observation/$stats?${query}`, 400)).toContain(text);
  });

  test('a period that ends before it starts', async () => {
    const { body } = await post('/Observation/$stats', [
      { name: 'subject', valueUri: 'Patient/ann' },
      { name: 'coding', valueCoding: { system: LOINC, code: 'x' } },
      { name: 'statistic', valueCode: 'sum' },
      { name: 'period', valuePeriod: { start: '2024-02', end: '2024-01' } },
    ]).expect(400);
    expect(body.issue[0].diagnostics).toBe(
      'If present, start SHALL have a lower value than end: correct the element (per-1).',
    );
  });
});
