import type { Condition } from '../../../fhir/search/ast.ts';
import { selectTexts, withoutOwnBase } from '../content/texts.ts';
import { content, property, walk } from '../content/walk.ts';
import { joined, type ConditionContext } from './context.ts';
import { idCondition } from './id.ts';
import { keysTable } from './joins.ts';

type ListCondition = Extract<Condition, { kind: 'list' }>;

/**
 * `_list` (http://hl7.org/fhir/R4/search.html#list): the row is an entry of one of the lists. Their keys find the candidates;
 * their content tells which entries are marked as deleted, and those do not count.
 */
export function listCondition(context: ConditionContext, { ids }: ListCondition): string {
  if (!context.hasTable('List')) return 'false';
  return `(${isReferredTo(context, ids)} AND ${isEntry(context, ids)})`;
}

function isReferredTo(context: ConditionContext, ids: string[]): string {
  const list = joined(context, 'List');
  const [key, path] = [context.aliases.next('k'), context.aliases.next('p')];
  const paths = context.index.referencePaths('List', 'item').map((item) => item.path);
  return `EXISTS (SELECT FROM ${list.tables.resource} ${list.alias}, unnest(${list.alias}.keys) AS ${key}, ${keysTable(context, paths, path)} WHERE ${key} # ${path} = ${context.alias}.self AND ${isList(list, ids)})`;
}

function isEntry(context: ConditionContext, ids: string[]): string {
  const list = joined(context, 'List');
  const { item, start } = content(list);
  const entry = walk(list, start, [property('entry', true)]);
  const isPresent = `coalesce(${entry.element} ->> 'deleted', 'false') <> 'true'`;
  const reference = walk(list, entry, [property('item'), property('reference')]);
  const texts = selectTexts(
    list,
    { ...reference, where: [...reference.where, isPresent] },
    (text) => `regexp_replace(${withoutOwnBase(context, text)}, '/_history/[^/]*$', '')`,
  );
  const type = context.parameters.add(`${context.type}/`);
  return `${type} || ${context.alias}.id IN (SELECT e.value FROM ${list.tables.resource} ${list.alias}, LATERAL ${item}, LATERAL (${texts}) e WHERE ${isList(list, ids)})`;
}

function isList(list: ConditionContext, ids: string[]): string {
  return `${list.alias}.method <> 'D' AND ${idCondition(list, { kind: 'id', ids })}`;
}
