import type { Condition, ReferenceValue } from '../../fhir/search/ast.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { placeOfId } from '../auditEvent/render.ts';
import { withoutVersion } from '../auditKeys.ts';
import type { AuditCondition } from './query.ts';
import { notSearchable } from './refusal.ts';

const CODED = new Set(['type', 'subtype', 'action', 'outcome']);

/**
 * What a search of AuditEvents asks of the log.
 *
 * @param base absolute URL of the FHIR base: references that begin with it are relative ones
 * @throws FhirError incorrect for what the log cannot be searched by
 */
export function auditConditions(conditions: readonly Condition[], base: string): AuditCondition[] {
  return conditions.flatMap((condition) =>
    condition.kind === 'and'
      ? auditConditions(condition.conditions, base)
      : [auditCondition(condition, base)],
  );
}

function auditCondition(condition: Condition, base: string): AuditCondition {
  switch (condition.kind) {
    case 'id':
      return { by: 'id', places: condition.ids.map(placeOfId).filter((place) => place !== undefined) };
    case 'last-updated':
      return { by: 'date', comparisons: condition.comparisons };
    case 'date':
      if (condition.parameter.code !== 'date') throw notSearchable(condition);
      return { by: 'date', comparisons: condition.comparisons };
    case 'not':
      return negated(condition, base);
    case 'token':
      if (!CODED.has(condition.parameter.code)) throw notSearchable(condition);
      return { by: condition.parameter.code as 'type', tokens: condition.tokens };
    case 'string':
      return beginnings(condition);
    case 'compartment': {
      const { type, id } = condition;
      return type === 'Patient'
        ? { by: 'patient', ids: [id] }
        : { by: 'agent', references: [`${type}/${id}`] };
    }
    case 'reference':
      return references(condition, base);
    case 'reference-identifier': {
      const values = condition.tokens.map(({ code }) => code).filter((code) => code !== undefined);
      if (condition.parameter.code !== 'agent') throw notSearchable(condition);
      return { by: 'agent-identifier', values };
    }
    default:
      throw notSearchable(condition);
  }
}

function negated(condition: Extract<Condition, { kind: 'not' }>, base: string): AuditCondition {
  const asked = auditCondition(condition.condition, base);
  if (!('tokens' in asked)) throw notSearchable(condition);
  return { ...asked, not: asked.not !== true };
}

function beginnings(condition: Extract<Condition, { kind: 'string' }>): AuditCondition {
  const { code } = condition.parameter;
  const isKnown = code === 'address' || code === 'agent-name';
  if (!isKnown || condition.match !== 'starts-with') throw notSearchable(condition);
  return { by: code, beginnings: condition.values };
}

function references(condition: Extract<Condition, { kind: 'reference' }>, base: string): AuditCondition {
  const { code } = condition.parameter;
  const found = condition.references.map((value) => relative(value, base));
  if (code === 'patient') return { by: 'patient', ids: found.map((one) => one.replace(/^Patient\//, '')) };
  if (code !== 'agent' && code !== 'entity') throw notSearchable(condition);
  const bare = found.find((one) => !one.includes('/'));
  if (bare !== undefined)
    throw fhirError(
      'incorrect',
      'value',
      `The parameter ${code} of AuditEvent takes references with their type (Type/id).`,
    );
  return { by: code, references: found };
}

function relative({ value, targetType }: ReferenceValue, base: string): string {
  const local = withoutVersion(value.startsWith(`${base}/`) ? value.slice(base.length + 1) : value);
  return targetType !== undefined && !local.includes('/') ? `${targetType}/${local}` : local;
}
