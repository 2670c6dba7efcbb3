import type { Condition } from '../../../fhir/search/ast.ts';
import { canonicalMatch } from './canonicalMatch.ts';
import { joined, type ConditionContext } from './context.ts';
import { allOf, anyOf } from './expressions.ts';
import { insideChain } from './insideChain.ts';
import { canonicalPaths, keysTable, live, pathsTo, urlPaths, type Write } from './joins.ts';
import { isPatientColumn } from './patientColumn.ts';

type ChainCondition = Extract<Condition, { kind: 'chain' }>;

/**
 * Chained parameters (http://hl7.org/fhir/R4/search.html#chaining): the row refers to a resource that satisfies a condition
 * of its own, in its current version, or which the row contains. A reference's key is the `self` of what it points at, XOR its path.
 */
export function chainCondition(
  context: ConditionContext,
  { parameter, targets }: ChainCondition,
  write: Write,
): string {
  return anyOf(
    targets.flatMap(({ type, condition, inside = condition }) => {
      const isByPatient = type === 'Patient' && isPatientColumn(context.index, context.type, parameter);
      const isOutside = isByPatient || (inside.kind === 'constant' && !inside.value);
      const contained = isOutside ? [] : [insideChain(context, { parameter }, type, inside, write)];
      if (!context.hasTable(type)) return contained;
      if (isByPatient) return [patientChain(context, condition, write)];
      return [
        ...contained,
        literalChain(context, parameter, type, condition, write),
        canonicalChain(context, parameter, type, condition, write),
      ];
    }),
  );
}

/** The patient column has the `self` of the patient. */
function patientChain(context: ConditionContext, condition: Condition, write: Write): string {
  const patient = joined(context, 'Patient');
  return `EXISTS (SELECT FROM ${patient.tables.resource} ${patient.alias} WHERE ${patient.alias}.self = ${context.alias}.pat AND ${live(patient, condition, write)})`;
}

function literalChain(
  context: ConditionContext,
  parameter: ChainCondition['parameter'],
  type: string,
  condition: Condition,
  write: Write,
): string {
  const paths = pathsTo(context, parameter, type);
  if (paths.length === 0) return 'false';
  const target = joined(context, type);
  const path = context.aliases.next('p');
  const from = `${target.tables.resource} ${target.alias}, ${keysTable(context, paths, path)}`;
  if (context.joins === 'probe') {
    const key = context.aliases.next('k');
    return `EXISTS (SELECT FROM unnest(${context.alias}.keys) AS ${key}, ${from} WHERE ${target.alias}.self = ${key} # ${path} AND ${live(target, condition, write)})`;
  }
  return `${context.alias}.keys && ARRAY(SELECT ${target.alias}.self # ${path} FROM ${from} WHERE ${live(target, condition, write)})`;
}

function canonicalChain(
  context: ConditionContext,
  parameter: ChainCondition['parameter'],
  type: string,
  condition: Condition,
  write: Write,
): string {
  const paths = canonicalPaths(context, parameter);
  const named = joined(context, type);
  const urls = urlPaths(named);
  if (paths.length === 0 || urls.length === 0) return 'false';
  const match = canonicalMatch(
    { row: context, other: named, referring: context, parameter, condition },
    write,
  );
  if (context.joins === 'probe') return match;
  const target = joined(context, type);
  const [key, path, url] = ['k', 'p', 'u'].map((prefix) => context.aliases.next(prefix));
  const from = `${target.tables.resource} ${target.alias}, unnest(${target.alias}.keys) AS ${key}, ${keysTable(context, paths, path!)}, ${keysTable(context, urls, url!)}`;
  const candidates = `${context.alias}.keys && ARRAY(SELECT ${key} # ${url} # ${path} FROM ${from} WHERE ${live(target, condition, write)})`;
  return allOf([candidates, match]);
}
