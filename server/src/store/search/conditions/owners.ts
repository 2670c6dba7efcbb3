import type { Condition } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import { SqlParameters } from '../sqlParameters.ts';
import { beginningsOf, type Beginning } from './beginnings.ts';
import { keyTerms } from './keyTerms.ts';
import { isPatientColumn } from './patientColumn.ts';

/** The patients that a chain leads to: those with one of the keys, or with a text that begins so. */
export interface Owners {
  keys?: readonly Key[];
  prefixes?: readonly Beginning[];
}

/** Of a chain whose patients one index finds, in a type whose rows say which patient they are about; else undefined. */
export function ownersOf(index: IndexQuery, type: string, condition: Condition): Owners | undefined {
  if (condition.kind !== 'chain') return undefined;
  const [target, ...others] = condition.targets;
  if (target?.type !== 'Patient' || others.length > 0) return undefined;
  if (!isPatientColumn(index, type, condition.parameter)) return undefined;
  const keys = keyTerms({ type: 'Patient', index, parameters: new SqlParameters() }, target.condition);
  if (keys !== undefined) return { keys };
  const prefixes = beginningsOf(index, 'Patient', target.condition);
  return prefixes === undefined ? undefined : { prefixes };
}
