import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ContainerReader, type Container } from '../../../../src/store/search/contained/containers.ts';
import type { PagePosition } from '../../../../src/store/search/found.ts';
import { SearchWorld } from '../searchWorld.ts';

let world: SearchWorld;

beforeAll(async () => {
  world = await SearchWorld.open();
  const contained = [{ resourceType: 'Patient', id: 'p' }];
  for (const id of ['1', '2', '3', '4', '5']) await world.put(`List/${id}`, { contained });
  for (const id of ['1', '2']) await world.put(`Basic/${id}`, { contained });
  await world.put('List/other', { contained: [{ resourceType: 'Group', id: 'g' }] });
  await world.put('List/empty');
});
afterAll(() => world.close());

async function read(listedMax: number, from?: PagePosition): Promise<Container[]> {
  const { store, schema, index } = world;
  const keys = [index.containedKey('Patient')];
  const reader = new ContainerReader(store.database, schema, ['List', 'Basic'], keys, listedMax);
  const found: Container[] = [];
  for await (const container of reader.read(from)) found.push(container);
  return found;
}

const names = (containers: Container[]) => containers.map(({ type, id }) => `${type}/${id}`);
const ALL = ['Basic/1', 'Basic/2', 'List/1', 'List/2', 'List/3', 'List/4', 'List/5'];

test.each([1, 2, 3, 5, 100])('with %d row ids in a list, all come in their order, each once', async (max) => {
  expect(names(await read(max))).toEqual(ALL);
  const end = { values: [], type: '~', rid: '0', inside: 0, backwards: true };
  expect(names(await read(max, end))).toEqual(ALL.toReversed());
});

test('from each position on, forwards and backwards', async () => {
  const all = await read(2);
  for (const [i, { type, rid }] of all.entries()) {
    const from = { values: [], type, rid, inside: 0 };
    expect(names(await read(2, { ...from, backwards: false }))).toEqual(ALL.slice(i));
    expect(names(await read(2, { ...from, backwards: true }))).toEqual(ALL.slice(0, i + 1).toReversed());
  }
});
