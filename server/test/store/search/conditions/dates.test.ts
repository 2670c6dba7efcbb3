import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseDate } from '../../../../src/fhir/search/values/date.ts';
import { ConditionWorld } from './support.ts';

/** Each date of the resources once as the type's main date (columns) and once as another (range rows). */
const DATES: Readonly<Record<string, object>> = {
  year: { dateTime: '2020' },
  month: { dateTime: '2020-02' },
  day: { dateTime: '2020-02-10' },
  minute: { dateTime: '2020-02-10T12:30Z' },
  zoned: { dateTime: '2020-02-11T00:30:00+02:00' },
  period: { period: { start: '2020-01-15', end: '2020-02-10' } },
  'from-2021': { period: { start: '2021-01-01' } },
  'until-2019': { period: { end: '2019-12-31' } },
  long: { period: { start: '1990', end: '2030' } },
  none: {},
  'year-0': { dateTime: '0001-01-01' },
};

interface Element {
  dateTime?: string;
  period?: object;
}

describe('dates', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    for (const [id, element] of Object.entries(DATES)) {
      const { dateTime, period } = element as Element;
      const value = dateTime === undefined ? { effectivePeriod: period } : { effectiveDateTime: dateTime };
      await world.put(`Observation/${id}`, value);
      const other = dateTime === undefined ? { valuePeriod: period } : { valueDateTime: dateTime };
      await world.put(`Observation/value-${id}`, other);
    }
    await world.put('Observation/deleted', { effectiveDateTime: '2020' });
    await world.delete('Observation/deleted');
  });
  afterAll(() => world.close());

  const both = async (...dates: string[]) => {
    const comparisons = dates.map(parseDate);
    const ask = (code: string) =>
      world.find('Observation', {
        kind: 'date',
        parameter: world.parameter('Observation', code),
        comparisons,
      });
    const [main, other] = await Promise.all([ask('date'), ask('value-date')]);
    expect(other).toEqual(main!.map((id) => `value-${id}`));
    return main!;
  };

  test.each<[string[], string[]]>([
    [['2020'], ['day', 'minute', 'month', 'period', 'year', 'zoned']],
    [['2020-02-10'], ['day', 'minute', 'zoned']],
    [['2020-02-10T12:30Z'], ['minute']],
    [['2020-02-10T22:30:00Z'], ['zoned']],
    [['ne2020'], ['from-2021', 'long', 'until-2019', 'year-0']],
    [['ne2020-02-10'], ['from-2021', 'long', 'month', 'period', 'until-2019', 'year', 'year-0']],
    [['gt2020-02-10'], ['from-2021', 'long', 'month', 'year']],
    [['gt2020-02-10T12:30Z'], ['day', 'from-2021', 'long', 'month', 'period', 'year', 'zoned']],
    [['lt2020-02-10'], ['long', 'month', 'period', 'until-2019', 'year', 'year-0']],
    [['ge2020-02-10'], ['day', 'from-2021', 'long', 'minute', 'month', 'year', 'zoned']],
    [['le2020-02-10'], ['day', 'long', 'minute', 'month', 'period', 'until-2019', 'year', 'year-0', 'zoned']],
    [['sa2020-02-10'], ['from-2021']],
    [['sa2020-02-09'], ['day', 'from-2021', 'minute', 'zoned']],
    [['eb2020-02-10'], ['until-2019', 'year-0']],
    [['eb2020-02-11'], ['day', 'minute', 'period', 'until-2019', 'year-0', 'zoned']],
    [['eb0001'], []],
    [['0001'], ['year-0']],
    [['ge9999'], ['from-2021']],
    [
      ['2020-02-10T12:30Z', 'sa2020-12'],
      ['from-2021', 'minute'],
    ],
    [['2021-05'], []],
  ])('%j finds %j', async (dates, found) => {
    expect(await both(...dates)).toEqual(found);
  });

  test('ap reaches a tenth of the distance to now', async () => {
    // 2016 is ten years before now, so that it reaches one year further.
    expect(await both('ap2016-01-01')).toEqual(['long', 'until-2019']);
    world.nowMs = Date.UTC(1976, 0, 1);
    // Forty years from 2016: four years further.
    expect(await both('ap2016-01-01')).toEqual(['long', 'until-2019', 'year']);
    world.nowMs = Date.UTC(2026, 0, 1);
  });

  test('the last update is a moment', async () => {
    const ids = Object.keys(DATES)
      .flatMap((id) => [id, `value-${id}`])
      .sort();
    const ask = (...dates: string[]) =>
      world.find('Observation', { kind: 'last-updated', comparisons: dates.map(parseDate) });
    expect(await ask('gt2020')).toEqual(ids);
    expect(await ask('lt2020')).toEqual([]);
    const stamp = await world.database.search({
      name: '',
      text: `SELECT last_updated FROM "${world.schema}".observation WHERE id = 'year'`,
      values: [],
    });
    const at = (stamp.rows[0]!.last_updated as Date).toISOString();
    expect(await ask(at)).toContain('year');
    expect(await ask(`ge${at}`)).toContain('year');
    expect(await ask(`gt${at}`)).not.toContain('year');
    expect(await ask(`sa${at}`)).not.toContain('year');
    expect(await ask(`ne${at}`)).not.toContain('year');
    expect(await ask(`le${at}`, 'gt2020')).toEqual(ids);
  });

  test('SQL on the date columns, and on range rows', () => {
    const comparisons = [parseDate('ge2020'), parseDate('eb2019')];
    const sqlOf = (code: string) =>
      world.sqlOf('Observation', {
        kind: 'date',
        parameter: world.parameter('Observation', code),
        comparisons,
      });
    const bounds = ['ge2020', 'eb2019'].map(parseDate).map(({ lo, hi }) => [hi, lo]);
    expect(sqlOf('date').sql).toBe(
      '(m.date_lo IS NOT NULL AND ((m.date_hi > to_timestamp($1::float8 / 1000) OR m.date_lo >= to_timestamp($2::float8 / 1000)) OR (m.date_lo < to_timestamp($3::float8 / 1000) AND m.date_hi < to_timestamp($3::float8 / 1000))))',
    );
    expect(sqlOf('date').values).toEqual([bounds[0]![0], bounds[0]![1], bounds[1]![1]]);
    expect(sqlOf('value-date').sql).toBe(
      'EXISTS (SELECT FROM observation_ranges s1 WHERE s1.rid = m.rid AND s1.param = ANY ($1::bigint[]) AND s1.unit = $2::bigint AND ((s1.hi > $3::float8 OR s1.lo >= $4::float8) OR (s1.lo < $5::float8 AND s1.hi < $5::float8)))',
    );
  });
});
