import type { Condition } from '../../fhir/search/ast.ts';
import { fhirError, type FhirError } from '../../fhir/outcome.ts';

/** The error for a condition that records of the log cannot be found by. */
export const notSearchable = (condition: Condition): FhirError =>
  fhirError(
    'incorrect',
    'not-supported',
    `The audit log cannot be searched by "${written(condition)}": use date, agent, agent:identifier, agent-name, patient, entity, type, subtype, action, outcome or address. AuditEvents that clients have stored are searched by more, where _id, _tag, _security or _source is asked for, too.`,
  );

/** How a query asks for a condition, but for its value: where a parameter can be used, it is the modifier that cannot. */
function written(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `_filter=… ${condition.kind} …`;
    case 'not':
      return `${written(condition.condition)}:not`;
    case 'id':
      return '_id';
    case 'last-updated':
      return '_lastUpdated';
    case 'full-text':
      return condition.where === 'content' ? '_content' : '_text';
    case 'has':
    case 'list':
      return `_${condition.kind}`;
    case 'constant':
      return '…:missing';
    case 'compartment':
    case 'of-patients':
      return condition.kind;
    default:
      return condition.parameter.code + beyondCode(condition);
  }
}

type OfParameter = Exclude<Extract<Condition, { parameter: unknown }>, { kind: 'has' }>;

/** The modifier, or the step of a chain. */
function beyondCode(condition: OfParameter): string {
  switch (condition.kind) {
    case 'missing':
    case 'of-type':
      return `:${condition.kind}`;
    case 'token-text':
      return ':text';
    case 'token-in':
      return ':in';
    case 'token-hierarchy':
    case 'reference-hierarchy':
      return `:${condition.direction}`;
    case 'reference-identifier':
      return ':identifier';
    case 'string':
      return condition.match === 'starts-with' ? '' : `:${condition.match}`;
    case 'chain':
      return '.…';
    default:
      return '';
  }
}
