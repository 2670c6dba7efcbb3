import { addParameters, concreteBases } from '../../fhir/definitions/addParameters.ts';
import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import type { AddedParameter, StoredParameter } from './addedParameter.ts';
import { pathFault } from './pathFault.ts';

/** What is to be used from now on. */
export interface Choice {
  parameters: AddedParameter[];
  /** Types whose resources have rows that are no longer, or not yet, those of the parameters: to be walked. */
  affected: string[];
}

/**
 * Decides which SearchParameter resources are used: of those with the same code on a type, or the same URL, the one that
 * was stored first, and none that FHIR defines itself. One that was used before, and says the same, stays as it is.
 *
 * @param definitions FHIR's own
 * @param stored all, in the order of their row ids
 * @param before the last choice
 * @param revision that a new use begins with
 */
export function chooseParameters(
  definitions: Definitions,
  stored: readonly StoredParameter[],
  before: ReadonlyMap<string, AddedParameter>,
  revision: number,
): Choice {
  const chosen = new Chosen(definitions);
  for (const one of stored) if (one.definition?.type !== 'composite') chosen.add(one);
  for (const one of stored) if (one.definition?.type === 'composite') chosen.add(one);
  const parameters = stored.map((one) => {
    const { fault, types, print } = chosen.of(one);
    const same = fault === undefined && before.get(one.id)?.print === print ? before.get(one.id)! : undefined;
    const { id, rid, version, definition } = one;
    const row: AddedParameter = { id, rid, version, types, ready: same?.ready ?? false };
    if (definition !== undefined) row.definition = definition;
    if (fault === undefined) {
      row.revision = same?.revision ?? revision;
      row.print = print;
    } else row.fault = fault;
    return row;
  });
  return { parameters, affected: affectedTypes(before, parameters) };
}

/** Those of parameters whose use begins or ends. */
function affectedTypes(
  before: ReadonlyMap<string, AddedParameter>,
  parameters: readonly AddedParameter[],
): string[] {
  const after = new Map(parameters.map((parameter) => [parameter.id, parameter]));
  const affected = new Set<string>();
  const changed = (id: string) => before.get(id)?.revision !== after.get(id)?.revision;
  for (const { id, types } of [...before.values(), ...parameters]) {
    if (changed(id)) for (const type of types) affected.add(type);
  }
  return [...affected].sort();
}

interface Verdict {
  fault?: string;
  types: string[];
  print: string;
}

class Chosen {
  readonly #definitions: Definitions;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #used: SearchParameterDefinition[] = [];
  /** `Type code`, and URLs -> id of the resource that has it. */
  readonly #taken = new Map<string, string>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  add(one: StoredParameter): void {
    this.#verdicts.set(one.id, this.#judge(one));
  }

  of({ id }: StoredParameter): Verdict {
    return this.#verdicts.get(id)!;
  }

  #judge({ id, definition, fault }: StoredParameter): Verdict {
    if (definition === undefined) return { fault: fault ?? 'It cannot be read.', types: [], print: '' };
    const types = concreteBases(this.#definitions, definition.base);
    const names = [definition.url, ...types.map((type) => `${type} ${definition.code}`)];
    const reason = fault ?? this.#clash(definition, types, names) ?? this.#partFault(definition);
    if (reason !== undefined) return { fault: reason, types: [], print: '' };
    for (const name of names) this.#taken.set(name, id);
    this.#used.push(definition);
    return { types, print: this.#print(definition) };
  }

  #clash(
    { url, code }: SearchParameterDefinition,
    types: readonly string[],
    names: readonly string[],
  ): string | undefined {
    const own = clashWithR4(this.#definitions, url, code, types);
    if (own !== undefined) return own;
    const name = names.find((taken) => this.#taken.has(taken));
    if (name === undefined) return undefined;
    return `SearchParameter/${this.#taken.get(name)} has the same ${name === url ? 'url' : 'code on the same type'}, and was first.`;
  }

  /** Others were looked at when they were stored; a composite depends on what else there is. */
  #partFault(definition: SearchParameterDefinition): string | undefined {
    if (definition.type !== 'composite') return undefined;
    return pathFault(addParameters(this.#definitions, this.#used), definition);
  }

  #print(definition: SearchParameterDefinition): string {
    const parts = definition.component?.map(
      (part) =>
        this.#definitions.searchParameterByUrl(part.definition) ??
        this.#used.find(({ url }) => url === part.definition),
    );
    return JSON.stringify([definition, parts]);
  }
}

function clashWithR4(
  definitions: Definitions,
  url: string,
  code: string,
  types: readonly string[],
): string | undefined {
  if (definitions.searchParameterByUrl(url)) return 'It is one of FHIR R4: the server has it already.';
  const own = types.find((type) => definitions.searchParameter(type, code));
  if (own === undefined) return undefined;
  return `FHIR R4 has a search parameter '${code}' of ${own} already: choose another code.`;
}

/** Whether a parameter cannot be used since FHIR R4 has it, or one of its code: guides repeat R4's. */
export const isOfR4 = (
  definitions: Definitions,
  { url, code, base }: Pick<SearchParameterDefinition, 'url' | 'code' | 'base'>,
): boolean => clashWithR4(definitions, url, code, concreteBases(definitions, base)) !== undefined;
