import type { Hop } from '../../../fhir/path/resolvePath.ts';
import type { ConditionContext } from '../conditions/context.ts';
import { contentJson } from './contentJson.ts';

/** A FROM clause and what it yields. */
export interface Walked {
  from: string;
  where: string[];
  /** SQL of type json: one element, which may be JSON's null. */
  element: string;
}

/** A step to a property. */
export function property(name: string, repeats = false): Hop {
  return { kind: 'property', name, repeats };
}

/** The row's whole content. */
export function content({ alias, aliases }: ConditionContext): Walked {
  const name = aliases.next('c');
  return { from: `(SELECT ${contentJson(alias)} AS j OFFSET 0) ${name}`, where: [], element: `${name}.j` };
}

/**
 * SQL that walks on along JSON properties, as `compileWalk` does in JavaScript: where the shape is not the defined one
 * nothing is found, and what repeats may also stand alone.
 */
export function walk(context: ConditionContext, start: Walked, hops: readonly Hop[]): Walked {
  const walked = { ...start, where: [...start.where] };
  hops.forEach((hop, i) => {
    if (hop.kind === 'item') walked.element += ` -> ${hop.index}`;
    else if (hop.kind === 'where') {
      const value = context.parameters.add(hop.equals);
      walked.where.push(`${walked.element} ->> '${propertyName(hop.element)}' = ${value}`);
    } else {
      walked.element += ` -> '${propertyName(hop.name)}'`;
      if (hop.repeats && hops[i + 1]?.kind !== 'item') intoItems(context, walked);
    }
  });
  return walked;
}

function intoItems({ aliases }: ConditionContext, walked: Walked): void {
  // OFFSET 0 keeps the planner from writing the expression, and with it the parsing, wherever it is used.
  const list = aliases.next('c');
  const item = aliases.next('c');
  walked.from += `, LATERAL (SELECT ${walked.element} AS j OFFSET 0) ${list}, LATERAL json_array_elements(
  CASE WHEN json_typeof(${list}.j) = 'array' THEN ${list}.j WHEN ${list}.j IS NOT NULL THEN json_build_array(${list}.j) END) ${item}(j)`;
  walked.element = `${item}.j`;
}

/** Names come from FHIR's definitions and search parameters; as they become SQL, anything unusual is refused. */
function propertyName(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`not the name of a JSON property: ${name}`);
  return name;
}
