import type { Definitions } from '../../../fhir/definitions/types.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import { int8Array } from '../../resource/binaryArray.ts';
import { ReferenceWalks } from '../include/referenceWalk.ts';
import { Wanted, type Starting } from '../include/wanted.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/** Resources whose compartments are looked at. */
export interface Owners {
  /** A type that has a compartment, e.g. `Patient`. */
  type: string;
  ids: readonly string[];
}

/** When care took place, in milliseconds since 1970 UTC; absent: open. */
export interface CarePeriod {
  fromMs?: number;
  toMs?: number;
}

/** Their main date tells of a birth, not of care. */
const NOT_DATED_BY_CARE: ReadonlySet<string> = new Set(['Patient', 'Person', 'RelatedPerson']);

/** What the index has of the compartments of some resources (http://hl7.org/fhir/R4/compartmentdefinition.html). */
export class CompartmentRows {
  /** Own keys of the owners. */
  readonly selves: readonly Key[];
  readonly #definitions: Definitions;
  readonly #owners: Owners;
  readonly #wanted: Wanted;

  constructor(definitions: Definitions, index: IndexQuery, owners: Owners) {
    this.#definitions = definitions;
    this.#owners = owners;
    this.selves = owners.ids.map((id) => index.selfKey(owners.type, id));
    this.#wanted = new Wanted(index, new ReferenceWalks(definitions, index));
  }

  /** Resource types that are in such compartments, alphabetical. */
  types(): string[] {
    const { resource } = this.#definitions.compartment(this.#owners.type)!;
    return [...resource.keys()].filter((type) => resource.get(type)!.length > 0).sort();
  }

  /**
   * Conditions on the main row `m` of a type, any of which says that the resource is in one of the compartments; none
   * for types that are not in them. The owners are in them for other reasons.
   */
  conditions(type: string, parameters: SqlParameters): string[] {
    this.#look(type);
    const found = this.#wanted.types.get(type);
    const list = (keys: ReadonlySet<Key>) => `${parameters.add(int8Array([...keys]))}::bigint[]`;
    const any: string[] = [];
    if (found && found.patients.size > 0) any.push(`m.pat = ANY (${list(found.patients)})`);
    if (found && found.keys.size > 0) any.push(`m.keys && ${list(found.keys)}`);
    return any;
  }

  #look(type: string): void {
    if (this.#wanted.types.has(type)) return;
    const { type: owner, ids } = this.#owners;
    const starting = ids.map((id): Starting => ({ type: owner, id, content: null }));
    for (const code of this.#definitions.compartment(this.#owners.type)?.resource.get(type) ?? []) {
      const parameter = this.#definitions.searchParameter(type, code);
      if (parameter) this.#wanted.addReferrers(type, parameter, starting);
    }
  }
}

/** Condition that a resource has no care date, or one in the period; undefined when all are. */
export function careSql(type: string, period: CarePeriod, parameters: SqlParameters): string | undefined {
  const { fromMs, toMs } = period;
  if (NOT_DATED_BY_CARE.has(type) || (fromMs === undefined && toMs === undefined)) return undefined;
  const at = (ms: number) => `to_timestamp(${parameters.add(ms)}::float8 / 1000)`;
  const within = [
    ...(fromMs === undefined ? [] : [`m.date_hi >= ${at(fromMs)}`]),
    ...(toMs === undefined ? [] : [`m.date_lo <= ${at(toMs)}`]),
  ];
  return `(m.date_lo IS NULL OR ${within.join(' AND ')})`;
}
