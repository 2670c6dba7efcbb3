import type { Hop } from '../../../fhir/path/resolvePath.ts';
import type { ConditionContext } from '../conditions/context.ts';
import { contentJson } from './contentJson.ts';

/** Where a walk has come to. */
export interface Walked {
  /** Items of a FROM clause, each after those that it refers to. */
  from: readonly string[];
  where: readonly string[];
  /** SQL of type json: one element, which may be JSON's null. */
  element: string;
}

/** A step to a property. */
export function property(name: string, repeats = false): Hop {
  return { kind: 'property', name, repeats };
}

/**
 * The row's whole content, to be parsed once: `item` stands before everything that walks on from `start`, which needs LATERAL.
 */
export function content({ alias, aliases }: ConditionContext): { item: string; start: Walked } {
  const name = aliases.next('c');
  return {
    item: `(SELECT ${contentJson(alias)} AS j OFFSET 0) ${name}`,
    start: { from: [], where: [], element: `${name}.j` },
  };
}

/**
 * SQL that walks on along JSON properties, as `compileWalk` does in JavaScript: where the shape is not the defined one
 * nothing is found, and what repeats may also stand alone.
 */
export function walk(context: ConditionContext, start: Walked, hops: readonly Hop[]): Walked {
  return hops.reduce((walked, hop, i) => {
    const { element, where } = walked;
    if (hop.kind === 'item') return { ...walked, element: `${element} -> ${hop.index}` };
    if (hop.kind === 'where') {
      const value = context.parameters.add(hop.equals);
      return { ...walked, where: [...where, `${element} ->> '${propertyName(hop.element)}' = ${value}`] };
    }
    const next = { ...walked, element: `${element} -> '${propertyName(hop.name)}'` };
    return hop.repeats && hops[i + 1]?.kind !== 'item' ? intoItems(context, next) : next;
  }, start);
}

function intoItems(context: ConditionContext, walked: Walked): Walked {
  const list = evaluated(context, walked);
  const item = context.aliases.next('c');
  const items = `LATERAL json_array_elements(
  CASE WHEN json_typeof(${list.element}) = 'array' THEN ${list.element} WHEN ${list.element} IS NOT NULL THEN json_build_array(${list.element}) END) ${item}(j)`;
  return { ...list, from: [...list.from, items], element: `${item}.j` };
}

/** The same element by a name. OFFSET 0 keeps the planner from writing the expression, and with it the parsing, wherever it is used. */
export function evaluated({ aliases }: ConditionContext, walked: Walked): Walked {
  if (!walked.element.includes(' ')) return walked;
  const name = aliases.next('c');
  const from = [...walked.from, `LATERAL (SELECT ${walked.element} AS j OFFSET 0) ${name}`];
  return { ...walked, from, element: `${name}.j` };
}

/** Names come from FHIR's definitions and search parameters; as they become SQL, anything unusual is refused. */
function propertyName(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`not the name of a JSON property: ${name}`);
  return name;
}
