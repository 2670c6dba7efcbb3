import { r4Definitions } from '../../support/definitions.ts';
import { createContext, type Context } from './context.ts';
import { createSelect } from './paths.ts';
import { search } from './search.ts';
import { createWorldOf, type Json, type Stored } from './world.ts';

export const BASE = 'http://example.org/fhir';
const NOW = Date.parse('2026-01-01T00:00:00Z');

/** Evaluates searches in small worlds that a test writes down. */
export interface SmallWorlds {
  context(resources: readonly Json[]): Context;
  /** Ids that a search finds among resources of one type, each named by its key, and others. */
  found(type: string, url: string, resources: Record<string, Json>, others?: readonly Json[]): string[];
}

export async function createSmallWorlds(): Promise<SmallWorlds> {
  const definitions = await r4Definitions();
  const select = createSelect();
  const context = (resources: readonly Json[]) => {
    const stored = resources.map((json, order): Stored => {
      const meta = {
        lastUpdated: `2020-01-01T00:00:0${order % 10}.000Z`,
        ...(json.meta as Json | undefined),
      };
      const resource = { ...json, meta } as unknown as Stored['resource'];
      return { type: resource.resourceType, id: resource.id, order, resource };
    });
    return createContext(createWorldOf(BASE, stored), definitions, NOW, { select });
  };
  return {
    context,
    found: (type, url, resources, others = []) => {
      const own = Object.entries(resources).map(([id, json]) => ({ resourceType: type, id, ...json }));
      return search(context([...own, ...others]), url).matches.map(({ id }) => id);
    },
  };
}

export const observation = (json: Json): Json => ({ status: 'final', code: { text: 'x' }, ...json });
