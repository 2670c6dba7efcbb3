import type { Definitions } from '../../fhir/definitions/types.ts';
import { findsInside, insideKeys } from './insideKeys.ts';
import type { KeyHasher } from './keys.ts';
import type { IndexRows, PartialIndexer } from './rows.ts';
import type { LocalReference, Sink } from './sink.ts';
import { asObject, asText, items } from './values/json.ts';
import { NO_UNIT } from './values/quantity.ts';

type Only = (type: string, codes: ReadonlySet<string>) => PartialIndexer;

/**
 * Adds to a resource's rows those of what it contains, for each path on which it refers to that: chained conditions are evaluated
 * inside contained resources (http://hl7.org/fhir/R4/search.html#contained).
 */
export class InsideRows {
  readonly #definitions: Definitions;
  readonly #hasher: KeyHasher;
  readonly #only: Only;
  /** Of each type, by the list that they are from. */
  readonly #codes = new Map<string, { parameters: readonly unknown[]; codes: ReadonlySet<string> }>();

  constructor(definitions: Definitions, hasher: KeyHasher, only: Only) {
    this.#definitions = definitions;
    this.#hasher = hasher;
    this.#only = only;
  }

  /** @param sink filled from the resource already */
  add(resource: { contained?: unknown }, sink: Sink): void {
    if (sink.local === undefined) return;
    const contained = byId(resource.contained);
    const rows = new Map<string, IndexRows>();
    for (const { path, id } of distinct(sink.local)) {
      const inner = contained.get(id);
      const type = inner?.resourceType;
      if (type === undefined || !this.#definitions.isResourceType(type)) continue;
      let own = rows.get(id);
      if (!own) rows.set(id, (own = this.#only(type, this.#codesOf(type)).index(inner!, sink.inside)));
      move(own, insideKeys(this.#hasher, path, type), sink);
    }
  }

  #codesOf(type: string): ReadonlySet<string> {
    const parameters = this.#definitions.searchParameters(type);
    const known = this.#codes.get(type);
    if (known?.parameters === parameters) return known.codes;
    const codes = new Set(parameters.filter(findsInside).map(({ code }) => code));
    this.#codes.set(type, { parameters, codes });
    return codes;
  }
}

function move(
  { keys, strings, ranges, dateLoMs, dateHiMs }: IndexRows,
  { shift, present, date }: ReturnType<typeof insideKeys>,
  sink: Sink,
): void {
  sink.keys.push(present);
  for (const key of keys) sink.keys.push(key ^ shift);
  for (const row of strings) sink.strings.push({ ...row, param: row.param ^ shift });
  for (const row of ranges) sink.ranges.push({ ...row, param: row.param ^ shift });
  if (dateLoMs !== null && dateHiMs !== null)
    sink.ranges.push({ param: date, lo: dateLoMs, hi: dateHiMs, unit: NO_UNIT });
}

/** Of two with one id the first, as elsewhere. */
function byId(contained: unknown): Map<string, { resourceType: string }> {
  const found = new Map<string, { resourceType: string }>();
  for (const inner of items(contained)) {
    const [id, type] = [asText(asObject(inner)?.['id']), asText(asObject(inner)?.['resourceType'])];
    if (id !== undefined && type !== undefined && !found.has(id))
      found.set(id, inner as { resourceType: string });
  }
  return found;
}

/** Each once: what is referred to a thousand times on a path is found there as if it were once. */
function distinct(references: readonly LocalReference[]): LocalReference[] {
  if (references.length === 1) return [...references];
  return [...new Map(references.map((one) => [`${one.id} ${one.path}`, one])).values()];
}
