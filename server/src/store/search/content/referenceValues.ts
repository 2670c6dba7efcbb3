import type { ConditionContext } from '../conditions/context.ts';
import { isText, selectTexts, selectValues, type Change } from './texts.ts';
import { evaluated, property, walk, type Walked } from './walk.ts';

const ID = '[A-Za-z0-9\\-.]{1,64}';
const TYPE_IN_LITERAL = `^(?:.*/)?([A-Z][A-Za-z]*)/${ID}(?:/_history/${ID})?$`;

/**
 * The literal references that a walk finds. What is contained in the resource (`#id`) has no address.
 *
 * @param type FHIR type of the elements
 * @param target only references to this type, as far as the reference tells (`targetTypeOf`, then Reference.type)
 * @param change what to make of the SQL of a reference as it is written
 */
export function referenceValues(
  context: ConditionContext,
  walked: Walked,
  type: string,
  target: string | undefined,
  change: Change,
): string {
  if (type === 'Resource') return inlineValues(context, evaluated(context, walked), target);
  const isReference = type === 'Reference';
  const owner = target !== undefined && isReference ? evaluated(context, walked) : walked;
  const found = evaluated(context, isReference ? walk(context, owner, [property('reference')]) : owner);
  const text = `(${found.element} #>> '{}')`;
  const where = [...found.where, `NOT starts_with(${text}, '#')`];
  if (target !== undefined) {
    const declared = isReference ? `${owner.element} ->> 'type'` : 'NULL';
    const named = `coalesce(substring(${text} FROM ${context.parameters.add(TYPE_IN_LITERAL)}), ${declared})`;
    where.push(`${named} = ${context.parameters.add(target)}`);
  }
  return selectTexts(context, { ...found, where }, change);
}

/** A resource that stands in place of a reference to it. */
function inlineValues(context: ConditionContext, walked: Walked, target: string | undefined): string {
  const [type, id] = [`${walked.element} -> 'resourceType'`, `${walked.element} -> 'id'`];
  const where = [...walked.where, isText(type), isText(id)];
  if (target !== undefined) where.push(`${type} #>> '{}' = ${context.parameters.add(target)}`);
  return selectValues({ ...walked, where }, () => `(concat(${type} #>> '{}', '/', ${id} #>> '{}'))`);
}
