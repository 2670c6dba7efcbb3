import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBindings } from '../../../oracle/data/bindings.ts';
import { createRandom } from '../../../oracle/data/random.ts';
import { BASE_MARK } from '../../../oracle/data/references.ts';
import type { ResourceJson } from '../../../oracle/data/resource.ts';
import { createWorld } from '../../../oracle/data/world.ts';
import { createContext } from '../../../oracle/evaluate/context.ts';
import { createWorldOf, type Stored } from '../../../oracle/evaluate/world.ts';
import { clausePair } from '../../../oracle/queries/clause.ts';
import { createSource } from '../../../oracle/queries/source.ts';
import { unmatchable } from '../../../../src/store/search/match/unmatchable.ts';
import { OWN_BASE, SearchWorld, ids } from '../searchWorld.ts';

const SEED = Number(process.env.CONTAINED_SEED ?? 71);
const QUERIES = Number(process.env.CONTAINED_QUERIES ?? 1_200);
const TIMEOUT_MS = 600_000;
/** Contained resources of one container. */
const TOGETHER = 3;

let world: SearchWorld;
let resources: ResourceJson[];

/** Every resource of a random world is stored by itself, and contained in another. */
beforeAll(async () => {
  world = await SearchWorld.open();
  resources = randomResources();
  for (const { resourceType, id, ...members } of resources) await world.put(`${resourceType}/${id}`, members);
  for (let i = 0; i < resources.length; i += TOGETHER) {
    const contained = resources.slice(i, i + TOGETHER);
    await world.put(`Basic/holder-${i}`, { code: { text: 'holder' }, contained });
  }
}, TIMEOUT_MS);
afterAll(() => world.close());

function randomResources(): ResourceJson[] {
  const { definitions } = world;
  const byName = new Map<string, ResourceJson>();
  for (const write of createWorld(definitions, createBindings(), SEED)) {
    if (write.kind === 'delete' || write.resource.resourceType === 'Basic') continue;
    // What is contained contains nothing itself.
    const { contained: _contained, ...resource } = write.resource;
    const text = JSON.stringify(resource).replaceAll(BASE_MARK, OWN_BASE);
    byName.set(`${resource.resourceType}/${resource.id}`, JSON.parse(text) as ResourceJson);
  }
  return [...byName.values()];
}

test(
  'contained resources are found by what they would be found by as ordinary ones',
  async () => {
    const stored = resources.map((resource, order): Stored => ({
      type: resource.resourceType,
      id: resource.id,
      order,
      // Random queries ask for times that there are.
      resource: { ...resource, meta: { ...(resource.meta as object), lastUpdated: '2026-01-02T03:04:05Z' } },
    }));
    const context = createContext(createWorldOf(OWN_BASE, stored), world.definitions, Date.now());
    const memory = new Map<string, unknown>();
    const disagreements: string[] = [];
    let [found, refused] = [0, 0];
    for (let n = 0; n < QUERIES; n++) {
      const random = createRandom(`contained ${SEED}.${n}`);
      const type = random.pick(resources).resourceType;
      const [name, value] = clausePair(createSource(random, context, memory), type);
      const own = value.replaceAll(BASE_MARK, OWN_BASE);
      const url = `${type}?${name}=${encodeURIComponent(own)}&_count=1000`;
      const inside = `${url}&_contained=true&_containedType=contained`;
      if (world.parse(url).searches[0]!.conditions.some((condition) => unmatchable(condition))) {
        await expect(world.contained(inside)).rejects.toMatchObject({ category: 'incorrect' });
        refused++;
        continue;
      }
      const ordinary = ids(await world.search(url)).sort();
      const contained = ids(await world.contained(inside)).sort();
      if (ordinary.length > 0) found++;
      if (JSON.stringify(ordinary) === JSON.stringify(contained)) continue;
      disagreements.push(
        `${n}: ${type}?${name}=${own}: ordinary ${ordinary.join()}, contained ${contained.join()}`,
      );
    }
    expect(disagreements).toEqual([]);
    expect(found).toBeGreaterThan(QUERIES / 3);
    expect(refused).toBeLessThan(QUERIES / 2);
  },
  TIMEOUT_MS,
);
