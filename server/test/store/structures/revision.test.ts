import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredStructures } from '../../../src/store/structures/storedStructures.ts';
import { SearchWorld } from '../search/searchWorld.ts';

const PROFILE = {
  url: 'http://example.org/p',
  name: 'P',
  status: 'active',
  kind: 'resource',
  type: 'Patient',
};
const NOTICED_MS_MAX = 60_000;

let world: SearchWorld;
let stored: StoredStructures;
beforeAll(async () => {
  world = await SearchWorld.open();
  stored = world.store.structures;
});
afterAll(async () => {
  stored.stop();
  await world.close();
});

async function revisionAfter(before: number): Promise<number> {
  const deadline = performance.now() + NOTICED_MS_MAX;
  while (stored.revision() === before && performance.now() < deadline) await sleep(50);
  return stored.revision();
}

test('what others wrote before the first look counts as a change, and what they write later', async () => {
  const atFirst = stored.revision();
  await world.put('StructureDefinition/p', PROFILE);
  stored.start();
  const looked = await revisionAfter(atFirst);
  expect(looked).toBeGreaterThan(atFirst);
  await world.put('StructureDefinition/p', { ...PROFILE, name: 'Q' });
  expect(await revisionAfter(looked)).toBeGreaterThan(looked);
});
