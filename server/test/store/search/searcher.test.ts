import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Searcher } from '../../../src/store/search/searcher.ts';
import type { Explanation } from '../../../src/store/search/explain.ts';
import { ESTIMATE_EXACT_MAX } from '../../../src/store/search/totals.ts';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { testConnection } from '../../support/postgres.ts';
import { SearchWorld, ids } from './searchWorld.ts';
import { thereAndBack } from './paging/thereAndBack.ts';

let world: SearchWorld;
beforeAll(async () => {
  world = await SearchWorld.open();
});
afterAll(() => world.close());

const observation = (code: string, more: object = {}) => ({
  status: 'final',
  code: { coding: [{ code }] },
  ...more,
});

describe('before anything was stored', () => {
  test('there is nothing to find, of any type', async () => {
    expect(await world.search('Device')).toEqual({ matches: [], total: 0 });
    expect(await world.search('Device?_total=none')).toEqual({ matches: [] });
    expect(await world.search('Device?_summary=count')).toEqual({ matches: [], total: 0 });
    expect(await world.search('?_type=Device,Group&_count=0')).toEqual({ matches: [], total: 0 });
  });

  test('what is stored is found at once, by chains too', async () => {
    await world.put('Device/d', { status: 'active' });
    expect(ids(await world.search('Device'))).toEqual(['d']);
    expect(ids(await world.search('Device?organization.name=x'))).toEqual([]);
    await world.put('Organization/o', { name: 'X-ray' });
    await world.put('Device/e', { owner: { reference: 'Organization/o' } });
    expect(ids(await world.search('Device?organization.name=x'))).toEqual(['e']);
    expect(ids(await world.search('Organization?_has:Group:managing-entity:code=x'))).toEqual([]);
  });

  test('also what another process stores', async () => {
    const other = new Searcher(world.store.database, world.schema, world.index, world.store.types);
    const search = async (url: string) => ids(await other.search(world.parse(url)));
    expect(await search('Location?name=ward')).toEqual([]);
    await world.put('Location/l', { name: 'Ward' });
    expect(await search('Location?name=ward')).toEqual(['l']);
  });
});

describe('totals', () => {
  const MANY = ESTIMATE_EXACT_MAX + 200;

  beforeAll(async () => {
    await world.putTogether({
      ...Object.fromEntries(
        Array.from({ length: MANY }, (_, i) => [`Flag/${i}`, { status: 'active', code: { text: 'x' } }]),
      ),
      ...Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [`Observation/o${i}`, observation(i < 25 ? 'often' : 'seldom')]),
      ),
    });
    for (const id of ['o24', 'o29']) await world.delete(`Observation/${id}`);
  });

  test.each<[string, number | undefined]>([
    ['Observation?code=often', undefined],
    ['Observation?code=often&_total=none', undefined],
    ['Observation?code=often&_total=accurate', 24],
    ['Observation?code=often&_total=estimate', 24],
    ['Observation?code=often&status=final&_total=accurate', 24],
    ['Observation?code=often,seldom&_total=accurate', 28],
    ['Observation?code:not=seldom&_total=accurate', 24],
    ['Observation?_total=accurate', 28],
    ['Observation?code=seldom', 4],
    ['Observation?code=seldom&_total=none', undefined],
    ['Observation?code=nothing', 0],
    ['Observation?_count=28', 28],
    ['Observation?_count=0', 28],
    ['Observation?code=often&_count=0', 24],
    ['Observation?_summary=count&_count=3', 28],
    ['Flag?_total=accurate', MANY],
    ['?_type=Flag,Observation&_total=accurate', MANY + 28],
    ['?_type=Flag,Observation&_total=estimate', undefined],
    ['?_type=Flag,Observation&_count=0', MANY + 28],
  ])('%s: %s', async (url, total) => {
    const page = await world.search(url);
    if (url.includes('estimate') && total === undefined)
      expect(page.total).toBeGreaterThan(ESTIMATE_EXACT_MAX);
    else expect(page.total).toBe(total);
    expect(page.matches.length).toBe(/count=0|summary/.test(url) ? 0 : Math.min(page.matches.length, 28));
  });

  test('only the number is asked for: no match comes', async () => {
    expect((await world.search('Observation?_count=0')).matches).toEqual([]);
    expect((await world.search('Observation?_summary=count')).matches).toEqual([]);
  });

  test('a large total is estimated by the planner', async () => {
    await world.store.database.transaction((tx) =>
      tx.query({ name: '', text: `ANALYZE "${world.schema}".flag`, values: [] }),
    );
    expect((await world.search('Flag?_total=estimate')).total).toBe(MANY);
  });

  test('on later pages the total is known only where it is asked for', async () => {
    const first = await world.search('Observation?_count=20');
    const second = await world.search('Observation?_count=20', first.next);
    expect([first.total, second.total, second.matches.length]).toEqual([undefined, undefined, 8]);
    expect((await world.search('Observation?_count=20&_total=accurate', first.next)).total).toBe(28);
  });
});

describe('several types', () => {
  /** A millisecond later at least: the order by time is that of the writes. */
  const put: SearchWorld['put'] = async (...args) => {
    await world.put(...args);
    await sleep(2);
  };

  beforeAll(async () => {
    await put('Procedure/p1', {
      status: 'completed',
      subject: { reference: 'Patient/a' },
      performedDateTime: '2020-02-01',
    });
    await put('Condition/c1', { subject: { reference: 'Patient/a' }, recordedDate: '2020-01-01' });
    await put('Procedure/a1', { status: 'completed', subject: { reference: 'Patient/a' } });
    await put('Condition/c2', { subject: { reference: 'Patient/b' }, recordedDate: '2020-03-01' });
    await put('Condition/p1', { subject: { reference: 'Patient/a' } });
    await put('Procedure/gone', { status: 'completed', subject: { reference: 'Patient/a' } });
    await world.delete('Procedure/gone');
  });
  const named = (page: Awaited<ReturnType<SearchWorld['search']>>) =>
    page.matches.map(({ type, id }) => `${type}/${id}`);

  test.each([
    ['', 'Condition/c1 Condition/c2 Condition/p1 Procedure/p1 Procedure/a1'],
    ['&_sort=_id', 'Procedure/a1 Condition/c1 Condition/c2 Condition/p1 Procedure/p1'],
    ['&_sort=-_id', 'Condition/p1 Procedure/p1 Condition/c2 Condition/c1 Procedure/a1'],
    ['&_sort=-_lastUpdated', 'Condition/p1 Condition/c2 Procedure/a1 Condition/c1 Procedure/p1'],
    ['&patient=a', 'Condition/c1 Condition/p1 Procedure/p1 Procedure/a1'],
  ])('%s', async (query, expected) => {
    for (const count of [1, 2, 3, 10]) {
      const asked = world.parse(`?_type=Procedure,Condition,Goal${query}&_count=${count}`);
      const found = await thereAndBack(async (at) => {
        const page = await world.store.searcher.search(asked, at);
        // Ids are not unique among types.
        return {
          ...page,
          matches: page.matches.map((match) => ({ ...match, id: `${match.type}/${match.id}` })),
        };
      });
      expect({ count, found }).toEqual({ count, found: expected.split(' ') });
    }
  });

  test('dates that are columns of one type and rows of another are in one order', async () => {
    const query = world.parse('?_type=Procedure,Condition&_count=2');
    const key = (type: string, code: string) => ({
      by: 'parameter' as const,
      parameter: world.definitions.searchParameter(type, code)!,
      descending: true,
    });
    query.searches[0]!.sort = [key('Condition', 'recorded-date')];
    query.searches[1]!.sort = [key('Procedure', 'date')];
    const first = await world.store.searcher.search(query);
    const second = await world.store.searcher.search(query, first.next);
    const third = await world.store.searcher.search(query, second.next);
    expect([first, second, third].map(named)).toEqual([
      ['Condition/c2', 'Procedure/p1'],
      ['Condition/c1', 'Condition/p1'],
      ['Procedure/a1'],
    ]);
    expect(named(await world.store.searcher.search(query, third.previous))).toEqual(named(second));
  });

  test('the whole system is searched', async () => {
    const found = named(await world.search('?_id=c1,p1,d'));
    expect(found).toEqual(['Condition/c1', 'Condition/p1', 'Device/d', 'Procedure/p1']);
  });
});

describe('scores', () => {
  beforeAll(async () => {
    await world.put('Library/once', { status: 'active', type: {}, title: 'fracture of the wrist' });
    await world.put('Library/often', { status: 'active', type: {}, title: 'fracture, fracture, fracture' });
    await world.put('Library/no', { status: 'active', type: {}, title: 'sprain' });
  });

  test('order a full-text search and come with its matches', async () => {
    const page = await world.search('Library?_content=fracture&_sort=-_score');
    expect(ids(page)).toEqual(['often', 'once']);
    expect(page.matches[0]!.score).toBeGreaterThan(page.matches[1]!.score!);
    const query = world.parse('Library?_content=fracture&_sort=-_score&_count=1');
    expect(await thereAndBack((at) => world.store.searcher.search(query, at))).toEqual(['often', 'once']);
  });
});

describe('a guarded walk', () => {
  test('gives up where there is more to see, and says nothing where there is not', async () => {
    await world.putTogether(
      Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [
          `Media/m${i}`,
          {
            status: 'completed',
            content: {},
            createdDateTime: `2020-01-${10 + i}`,
            ...(i === 3 && { view: { text: 'x', coding: [{ code: 'v' }] } }),
          },
        ]),
      ),
    );
    await world.put('Media/undated', { status: 'completed', content: {}, view: { coding: [{ code: 'v' }] } });
    const query = world.parse('Media?view=v&_sort=-created&_count=2');
    const by = (along: 'main-date' | 'row', guard: number, of = query) =>
      world.pageBy({ kind: 'walk', along, guard }, of);
    expect(await by('main-date', 10)).toBeUndefined();
    expect(await by('main-date', 19)).toBeUndefined();
    expect(ids((await by('main-date', 20))!)).toEqual(['m3', 'undated']);
    expect(await by('row', 5, world.parse('Media?view=v&_count=2'))).toBeUndefined();
    // Enough for the page and the look ahead.
    expect(ids((await by('row', 5, world.parse('Media?view:not=v&_count=2')))!)).toEqual(['m0', 'm1']);
    expect(ids(await world.store.searcher.search(query))).toEqual(['m3', 'undated']);
  });

  test('sees all that was written together with the last that it may see', async () => {
    const active = { status: 'active', name: 'x', url: 'http://maxray.test/group' };
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names)
      await world.put(`Library/${name}`, { ...active, type: {}, topic: [{ coding: [{ code: 't' }] }] });
    // Together, and from behind: their changes come in another order than their rows.
    await world.putTogether(
      Object.fromEntries(
        names
          .toReversed()
          .map((name) => [
            `Library/${name}`,
            { ...active, type: {}, topic: [{ coding: [{ code: 't' }] }], title: 'new' },
          ]),
      ),
    );
    const query = world.parse('Library?topic=t&_sort=-_lastUpdated&_count=2');
    for (const guard of [1, 2, 5, 6]) {
      const page = await world.pageBy({ kind: 'walk', along: 'last-updated', guard }, query);
      expect(ids(page!)).toEqual(['a', 'b']);
    }
  });
});

describe('an explanation', () => {
  test('shows the search, the plan and why, the SQL with its values, and what PostgreSQL did', async () => {
    const page = await world.store.searcher.search({
      ...world.parse('Observation?code=often&date=ge2020&patient.name=x&_sort=-date&_count=3'),
      explain: true,
    });
    const explanation = JSON.parse(JSON.stringify(page.explanation)) as Explanation;
    expect(explanation).toMatchObject({
      search: {
        searches: [{ type: 'Observation', sort: [{ by: 'parameter', parameter: 'date', descending: true }] }],
      },
      plans: [
        {
          type: 'Observation',
          shape: expect.any(String),
          cost: expect.any(Number),
          matches: expect.any(Number),
        },
      ],
      isFixed: expect.any(Boolean),
      searchMs: expect.any(Number),
    });
    const [plan] = explanation.plans as [Explanation['plans'][0]];
    expect(plan.conditions.map(({ condition }) => (condition as { kind: string }).kind)).toEqual([
      'token',
      'date',
      'chain',
    ]);
    expect(plan.rejected.every(({ cost }) => cost >= plan.cost)).toBe(true);
    expect(explanation.sql).toMatch(/^SELECT rid, id, k1::text AS p1/);
    expect(explanation.values).toContain(1_577_836_800_000);
    expect(JSON.stringify(explanation.postgres)).toContain('Actual Rows');
  });

  test('is not given unasked', async () => {
    expect(await world.search('Observation')).not.toHaveProperty('explanation');
  });
});

test('a position of another query is refused', async () => {
  const position = { values: ['x'], rid: '1', backwards: false };
  await expect(world.search('Observation', position)).rejects.toMatchObject({ category: 'incorrect' });
});

test('a search that takes too long is ended with what to change', async () => {
  const database = await openDatabase({ connection: await testConnection(), searchTimeoutMs: 100 });
  try {
    await world.putTogether(
      Object.fromEntries(
        Array.from({ length: 500 }, (_, i) => [
          `Library/${i}`,
          { status: 'active', type: {}, title: 'long '.repeat(5_000) },
        ]),
      ),
    );
    const searcher = new Searcher(database, world.schema, world.index, world.store.types);
    const search = () => searcher.search(world.parse('Library?_content=word&_sort=-_score'));
    const failure = await search()
      .then(search, search)
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(failure).toMatchObject({
      category: 'busy',
      issues: [
        { code: 'too-costly', diagnostics: expect.stringMatching(/SEARCH_TIMEOUT_MS.*add a condition/) },
      ],
    });
  } finally {
    await database.close();
  }
});
