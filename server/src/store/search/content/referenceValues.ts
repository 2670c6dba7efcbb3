import type { Hop } from '../../../fhir/path/resolvePath.ts';
import type { ConditionContext } from '../conditions/context.ts';
import { isText, selectTexts, selectValues } from './texts.ts';
import { content, walk, type Walked } from './walk.ts';

const ID = '[A-Za-z0-9\\-.]{1,64}';
const TYPE_IN_LITERAL = `^(?:.*/)?([A-Z][A-Za-z]*)/${ID}(?:/_history/${ID})?$`;

/**
 * The literal references at a path, one SELECT for each place where they stand. What is contained in the
 * resource (`#id`) has no address.
 *
 * @param change what to make of the SQL of a reference as it is written
 * @param target only references to this type, as far as the reference tells (`targetTypeOf`, then Reference.type)
 */
export function referenceValues(
  context: ConditionContext,
  hops: readonly Hop[],
  type: string,
  target: string | undefined,
  change: (text: string) => string,
): string[] {
  const walked = walk(context, content(context), hops);
  if (type === 'Resource') return [inlineValues(context, walked, target)];
  const literal = type === 'Reference' ? `${walked.element} -> 'reference'` : walked.element;
  const text = `(${literal} #>> '{}')`;
  const where = [...walked.where, `NOT starts_with(${text}, '#')`];
  if (target !== undefined) {
    const declared = type === 'Reference' ? `${walked.element} ->> 'type'` : 'NULL';
    const named = `coalesce(substring(${text} FROM ${context.parameters.add(TYPE_IN_LITERAL)}), ${declared})`;
    where.push(`${named} = ${context.parameters.add(target)}`);
  }
  return [selectTexts({ ...walked, element: literal, where }, change)];
}

/** A resource that stands in place of a reference to it. */
function inlineValues(context: ConditionContext, walked: Walked, target: string | undefined): string {
  const [type, id] = [`${walked.element} -> 'resourceType'`, `${walked.element} -> 'id'`];
  const where = [...walked.where, isText(type), isText(id)];
  if (target !== undefined) where.push(`${type} #>> '{}' = ${context.parameters.add(target)}`);
  const value = `(concat(${type} #>> '{}', '/', ${id} #>> '{}'))`;
  return selectValues({ ...walked, where }, () => value);
}
