import { createHash } from 'node:crypto';

export interface Stored {
  resourceType: string;
  id: string;
}

/** Rounds in which resources without a name of their own are told apart by what they refer to. */
const ROUNDS = 3;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Resources as texts that are the same for two runs with the same result: without versions, with `now` in place of instants of the
 * run, and with names made of their content in place of ids that the server gave.
 *
 * @param given ids that are the same in every run, as `Patient/1`
 */
export function comparable(
  resources: readonly Stored[],
  given: ReadonlySet<string>,
  run: { fromMs: number; toMs: number },
): string[] {
  let names = new Map<string, string>();
  for (const one of resources) if (!given.has(keyOf(one))) names.set(keyOf(one), `${one.resourceType}/#`);
  const textOf = (one: Stored): string => JSON.stringify(plain(one, names, run));
  for (let round = 0; round < ROUNDS; round++) {
    const anonymous = resources.filter((one) => names.has(keyOf(one)));
    names = new Map(anonymous.map((one) => [keyOf(one), `${one.resourceType}/#${digest(textOf(one))}`]));
  }
  return resources.map(textOf).sort();
}

export const keyOf = ({ resourceType, id }: Stored): string => `${resourceType}/${id}`;

function plain(
  resource: Stored,
  names: ReadonlyMap<string, string>,
  run: { fromMs: number; toMs: number },
): unknown {
  const { meta, id: _id, ...others } = resource as Stored & { meta?: Record<string, unknown> };
  const { versionId: _v, lastUpdated: _l, author: _a, ...kept } = meta ?? {};
  const own = names.has(keyOf(resource)) ? `${resource.resourceType}/#` : keyOf(resource);
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, part]): [string, unknown] => [key, walk(part)]);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const text = (value: string): string => {
    if (INSTANT.test(value)) {
      const ms = Date.parse(value);
      if (ms >= run.fromMs && ms <= run.toMs) return 'now';
    }
    return names.get(value.replace(/\/_history\/\d+$/, '')) ?? value;
  };
  return walk({ own, ...others, ...(Object.keys(kept).length > 0 && { meta: kept }) });
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 12);
