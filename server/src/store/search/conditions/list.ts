import type { Condition } from '../../../fhir/search/ast.ts';
import { isText, withoutOwnBase } from '../content/texts.ts';
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
  const { from, element } = walk(list, content(list), [property('entry', true)]);
  const reference = `${element} -> 'item' -> 'reference'`;
  const text = withoutOwnBase(context, `(${reference} #>> '{}')`);
  const type = context.parameters.add(`${context.type}/`);
  return `${type} || ${context.alias}.id IN (SELECT regexp_replace(${text}, '/_history/[^/]*$', '') FROM ${list.tables.resource} ${list.alias}, LATERAL ${from}
  WHERE ${isList(list, ids)} AND ${isText(reference)} AND coalesce(${element} ->> 'deleted', 'false') <> 'true')`;
}

function isList(list: ConditionContext, ids: string[]): string {
  return `${list.alias}.method <> 'D' AND ${idCondition(list, { kind: 'id', ids })}`;
}
