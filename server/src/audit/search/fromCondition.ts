import type { Condition, ReferenceValue } from '../../fhir/search/ast.ts';
import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import { placeOfId } from '../auditEvent/render.ts';
import { withoutVersion } from '../auditKeys.ts';
import type { AuditCondition } from './query.ts';

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
      return { by: 'date', comparisons: condition.comparisons };
    case 'not':
      return negated(auditCondition(condition.condition, base));
    case 'token':
      if (!CODED.has(condition.parameter.code)) throw notSearchable(condition.parameter.code);
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
      return references(condition.parameter.code, condition.references, base);
    case 'reference-identifier': {
      const values = condition.tokens.map(({ code }) => code).filter((code) => code !== undefined);
      if (condition.parameter.code !== 'agent') throw notSearchable(`${condition.parameter.code}:identifier`);
      return { by: 'agent-identifier', values };
    }
    case 'full-text':
      throw notSearchable(condition.where === 'content' ? '_content' : '_text');
    case 'list':
      throw notSearchable('_list');
    case 'has':
      throw notSearchable('_has');
    default:
      throw notSearchable('parameter' in condition ? condition.parameter.code : condition.kind);
  }
}

function negated(condition: AuditCondition): AuditCondition {
  if (!('tokens' in condition)) throw notSearchable(`${condition.by}:not`);
  return { ...condition, not: true };
}

function beginnings({ parameter, match, values }: Extract<Condition, { kind: 'string' }>): AuditCondition {
  const { code } = parameter;
  const isKnown = code === 'address' || code === 'agent-name';
  if (!isKnown || match !== 'starts-with') throw notSearchable(isKnown ? `${code}:${match}` : code);
  return { by: code, beginnings: values };
}

function references(code: string, values: readonly ReferenceValue[], base: string): AuditCondition {
  const found = values.map((value) => relative(value, base));
  if (code === 'patient') return { by: 'patient', ids: found.map((one) => one.replace(/^Patient\//, '')) };
  if (code !== 'agent' && code !== 'entity') throw notSearchable(code);
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

const notSearchable = (what: string): FhirError =>
  fhirError(
    'incorrect',
    'not-supported',
    `The audit log cannot be searched by "${what}": use date, agent, agent:identifier, agent-name, patient, entity, type, subtype, action, outcome or address. AuditEvents that clients have stored are searched by more, where _id, _tag, _security or _source is asked for, too.`,
  );
