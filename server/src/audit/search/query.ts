import type { Comparison } from '../../fhir/search/ast.ts';
import type { AuditFilter, Found } from '../../store/audit/auditSearchTable.ts';
import { dateTest } from '../../store/index/spanTest.ts';
import type { AuditKeys } from '../auditKeys.ts';
import { withoutVersion } from '../auditKeys.ts';
import { EVENTS, type EventKind } from '../events.ts';
import type { AuditRecord } from '../record.ts';
import { fhirError } from '../../fhir/outcome.ts';

/** A token as FHIR's search has it: `system` absent: any, empty: none; `code` absent: any of the system. */
export interface Token {
  system?: string;
  code?: string;
}

/** Something that a record must satisfy; lists mean "any of them". */
export type AuditCondition =
  | { by: 'id'; places: readonly number[] }
  | { by: 'date'; comparisons: readonly Comparison[] }
  | { by: 'type' | 'subtype' | 'action' | 'outcome'; tokens: readonly Token[]; not?: boolean }
  /** References: `Practitioner/1`. */
  | { by: 'agent' | 'entity'; references: readonly string[] }
  /** client_id, or a user's account. */
  | { by: 'agent-identifier'; values: readonly string[] }
  /** Ids: as one of those whom the record is about, or as who did it. */
  | { by: 'patient'; ids: readonly string[] }
  /** Beginnings of the address or the user's name, whatever their case. */
  | { by: 'address' | 'agent-name'; beginnings: readonly string[] };

/** Values of all conditions of a search. */
const VALUES_MAX = 500;

/** What the tables are asked for. @throws FhirError incorrect for too many values */
export function filterOf(conditions: readonly AuditCondition[], keys: AuditKeys, nowMs: number): AuditFilter {
  const filter: AuditFilter = { found: [], kinds: [], outcomes: [], times: [], places: [], beginnings: [] };
  let values = 0;
  for (const condition of conditions) {
    values += valuesOf(condition).length;
    addTo(filter, condition, keys, nowMs);
  }
  if (values <= VALUES_MAX) return filter;
  const text = `The search asks for ${values} values at once: give at the most ${VALUES_MAX}.`;
  throw fhirError('incorrect', 'too-costly', text);
}

function addTo(filter: AuditFilter, condition: AuditCondition, keys: AuditKeys, nowMs: number): void {
  switch (condition.by) {
    case 'id':
      filter.places.push(condition.places);
      break;
    case 'date':
      filter.times.push(condition.comparisons.map((comparison) => dateTest(comparison, nowMs)));
      break;
    case 'type':
    case 'subtype':
    case 'action':
      filter.kinds.push(kindsOf(condition));
      break;
    case 'outcome':
      filter.outcomes.push(outcomesOf(condition));
      break;
    case 'address':
    case 'agent-name':
      filter.beginnings.push({ of: condition.by, texts: condition.beginnings.map(folded) });
      break;
    default:
      filter.found.push(keysOf(condition, keys));
  }
}

type Keyed = Extract<AuditCondition, { by: 'agent' | 'entity' | 'agent-identifier' | 'patient' }>;

function keysOf(condition: Keyed, keys: AuditKeys): Found {
  switch (condition.by) {
    case 'agent':
      return { keys: condition.references.map((reference) => keys.agent(reference)), shown: [] };
    case 'entity':
      return aboutResources(condition.references.map(withoutVersion), keys);
    case 'agent-identifier':
      return { keys: condition.values.map((value) => keys.identity(value)), shown: [] };
    case 'patient':
      return {
        keys: condition.ids.flatMap((id) => [
          keys.patient(id),
          keys.resource(`Patient/${id}`),
          keys.agent(`Patient/${id}`),
        ]),
        shown: [],
      };
  }
}

/** Patients are always in the index, other resources where a record does not show many. */
function aboutResources(references: readonly string[], keys: AuditKeys): Found {
  const found = references.flatMap((reference) => {
    const id = patientId(reference);
    return id === undefined ? [keys.resource(reference)] : [keys.resource(reference), keys.patient(id)];
  });
  const shown = references
    .filter((reference) => patientId(reference) === undefined)
    .map((reference) => ({ reference, key: keys.resource(reference) }));
  return { keys: found, shown };
}

const patientId = (reference: string): string | undefined =>
  /^Patient\/([^/]+)/.exec(withoutVersion(reference))?.[1];

/** Keys are hashes: whether a record really has what it was found by. */
export function matches(record: AuditRecord, condition: AuditCondition): boolean {
  const { agent, patients, resources } = record;
  switch (condition.by) {
    case 'agent':
      return condition.references.some((one) => one === agent.profile || one === agent.onBehalfOf);
    case 'entity':
      return condition.references.some((one) => isAbout(record, withoutVersion(one)));
    case 'agent-identifier':
      return condition.values.some((one) => one === agent.client || one === agent.user);
    case 'patient':
      return condition.ids.some(
        (id) =>
          patients.includes(id) ||
          [agent.profile, agent.onBehalfOf, ...resources.map(withoutVersion)].includes(`Patient/${id}`),
      );
    default:
      return true; // by columns, which say it exactly
  }
}

function isAbout({ patients, resources }: AuditRecord, reference: string): boolean {
  const id = patientId(reference);
  return (
    resources.some((one) => withoutVersion(one) === reference) || (id !== undefined && patients.includes(id))
  );
}

type KindCondition = Extract<AuditCondition, { by: 'type' | 'subtype' | 'action' | 'outcome' }>;

const ACTIONS = 'http://hl7.org/fhir/audit-event-action';
const OUTCOMES = 'http://hl7.org/fhir/audit-event-outcome';

function kindsOf({ by, tokens, not = false }: KindCondition): number[] {
  const has = (kind: EventKind, token: Token) =>
    by === 'action'
      ? isCode({ system: ACTIONS, code: kind.action }, token)
      : isCoded(kind[by as 'type' | 'subtype'], token);
  const kinds: EventKind[] = Object.values(EVENTS);
  return kinds.filter((kind) => tokens.some((token) => has(kind, token)) !== not).map(({ number }) => number);
}

function outcomesOf({ tokens, not = false }: KindCondition): number[] {
  return [0, 4, 8, 12].filter(
    (outcome) => tokens.some((token) => isCode({ system: OUTCOMES, code: String(outcome) }, token)) !== not,
  );
}

interface Code {
  system: string;
  code: string;
}

/** Of an element of type code the system is implied, and not written: `|R` finds it, too. */
const isCode = (coding: Code, { system, ...token }: Token): boolean =>
  isCoded(coding, system === undefined || system === '' ? token : { system, ...token });

const isCoded = (coding: Code, { system, code }: Token): boolean =>
  (system === undefined || system === coding.system) && (code === undefined || code === coding.code);

const folded = (text: string): string => text.toLowerCase();

const valuesOf = (condition: AuditCondition): readonly unknown[] =>
  Object.values(condition).find((value): value is readonly unknown[] => Array.isArray(value)) ?? [];
