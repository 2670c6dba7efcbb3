import type { Consent, ConsentProvision, ConsentProvisionActor } from '@medplum/fhirtypes';
import type { Resource } from '../../../src/fhir/resource.ts';

/**
 * What consents mean, told resource by resource from docs/conformance.md alone: slow, and without anything of what is judged.
 */
export interface Asker {
  /** `Type/id` and `system|code` of all that the asker is. */
  is: readonly string[];
  purposes: readonly string[] | undefined;
}

export type Act = 'read' | 'create' | 'change';

const CODES = 'http://terminology.hl7.org/CodeSystem';
export const ROLE = `${CODES}/practitioner-role`;

type Plain = Record<string, unknown>;
const list = (value: unknown): Plain[] =>
  Array.isArray(value) ? (value as Plain[]) : value ? [value as Plain] : [];
const referenceOf = (value: unknown) =>
  String((value as { reference?: string } | undefined)?.reference ?? '');

/** Ids of the patients in whose compartments a resource is: written down by hand. */
export function patientsOf(resource: Resource): string[] {
  const { resourceType, id, subject, performer, author, participant, link } = resource as Plain & Resource;
  const referred: Record<string, unknown[]> = {
    Patient: list(link).map(({ other }) => other),
    Observation: [subject, ...list(performer)],
    DocumentReference: [subject, ...list(author)],
    Encounter: [subject],
    MedicationRequest: [subject],
    Appointment: list(participant).map(({ actor }) => actor),
  };
  const references = (referred[resourceType] ?? []).map(referenceOf);
  const ids = references.flatMap((one) => (one.startsWith('Patient/') ? [one.slice(8)] : []));
  return [...new Set(resourceType === 'Patient' ? [id!, ...ids] : ids)];
}

/** When it is from, first and last millisecond; undefined: it has no date, `never`: its kind has none that counts. */
function dateOf(resource: Resource): [number, number] | 'never' | undefined {
  const { effectiveDateTime, effectivePeriod, date, period, authoredOn, start } = resource as Plain &
    Resource;
  switch (resource.resourceType) {
    case 'Patient':
      return 'never';
    case 'Observation':
      return effectivePeriod ? periodOf(effectivePeriod) : day(effectiveDateTime);
    case 'Encounter':
      return period ? periodOf(period) : undefined;
    case 'Appointment':
      return day(start);
    case 'MedicationRequest':
      return day(authoredOn);
    default:
      return day(date);
  }
}

/** Dates of the test are whole years, months and days; what is an instant counts as a moment. */
function day(text: unknown): [number, number] | undefined {
  if (typeof text !== 'string') return undefined;
  const [year = 0, month, date] = text.slice(0, 10).split('-').map(Number);
  if (text.includes('T')) return [Date.parse(text), Date.parse(text)];
  if (month === undefined) return [Date.UTC(year, 0), Date.UTC(year + 1, 0) - 1];
  if (date === undefined) return [Date.UTC(year, month - 1), Date.UTC(year, month) - 1];
  return [Date.UTC(year, month - 1, date), Date.UTC(year, month - 1, date + 1) - 1];
}

const periodOf = (period: unknown): [number, number] => [
  day((period as Plain).start)?.[0] ?? -Infinity,
  day((period as Plain).end)?.[1] ?? Infinity,
];

const PARTIES = [
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'CareTeam',
  'Patient',
  'RelatedPerson',
  'Device',
];

/** Whether one of a patient's consents withholds the resource. */
export function isWithheld(
  consents: readonly Consent[],
  asker: Asker,
  act: Act,
  resource: Resource,
  nowMs: number,
): boolean {
  const patients = patientsOf(resource).map((id) => `Patient/${id}`);
  if (patients.some((one) => one.startsWith('Patient/') && asker.is[0] === one)) return false;
  const acts: Act[] = act === 'change' ? ['read', 'change'] : [act];
  return consents.some(
    (consent) =>
      consent.status === 'active' &&
      consent.scope.coding?.[0]?.code === 'patient-privacy' &&
      patients.includes(referenceOf(consent.patient)) &&
      acts.some((one) => new Question(asker, one, resource, nowMs).withholds(consent)),
  );
}

class Question {
  readonly asker: Asker;
  readonly act: Act;
  readonly resource: Resource;
  readonly nowMs: number;

  constructor(asker: Asker, act: Act, resource: Resource, nowMs: number) {
    this.asker = asker;
    this.act = act;
    this.resource = resource;
    this.nowMs = nowMs;
  }

  withholds({ policyRule, provision }: Consent): boolean {
    const isOptOut = ['OPTOUT', 'EMRGONLY'].includes(policyRule?.coding?.[0]?.code ?? '');
    if (!provision) return isOptOut;
    if (provision.type) return this.after(provision, provision.type, isOptOut, true, true);
    const { period: _, provision: __, ...criteria } = provision;
    if (Object.keys(criteria).length === 0)
      return this.after(provision, isOptOut ? 'deny' : 'permit', false, true, true);
    return this.after(provision, isOptOut ? 'permit' : 'deny', isOptOut, true, true);
  }

  /** @param sure whether what is around it surely is about the resource @param maybe whether it possibly is */
  after(one: ConsentProvision, type: string, before: boolean, sure: boolean, maybe: boolean): boolean {
    const [isSure, isMaybe] = [sure && this.isAbout(one, true), maybe && this.isAbout(one, false)];
    let withheld = before;
    if (type === 'deny' && isMaybe) withheld = true;
    if (type === 'permit' && isSure) withheld = false;
    const nested = one.provision ?? [];
    for (const inner of nested)
      if (inner.type === 'permit') withheld = this.after(inner, 'permit', withheld, isSure, isMaybe);
    for (const inner of nested)
      if (inner.type !== 'permit') withheld = this.after(inner, 'deny', withheld, isSure, isMaybe);
    return withheld;
  }

  /** @param sure what is not understood is not so; else it is */
  isAbout(one: ConsentProvision, sure: boolean): boolean {
    if (sure && (one.code?.length || one.modifierExtension?.length)) return false;
    if (one.period) {
      const [from, to] = periodOf(one.period);
      if (this.nowMs < from || this.nowMs > to) return false;
    }
    const any = <T>(values: readonly T[] | undefined, test: (value: T) => boolean | 'unclear') =>
      !values?.length || values.some((value) => (test(value) === 'unclear' ? !sure : test(value)));
    return (
      any(one.actor, (actor) => this.isActor(actor)) &&
      any(one.action, ({ coding = [] }) => this.isAction(coding[0]?.code ?? '', sure)) &&
      this.isPurpose(one, sure) &&
      any(one.class, ({ system = '', code = '' }) => this.isOfClass(system, code)) &&
      any(one.securityLabel, ({ system = '', code = '' }) => this.isLabelled(system, code, sure)) &&
      this.isOfTime(one, sure) &&
      any(one.data, ({ meaning, reference }) =>
        meaning === 'instance'
          ? reference.reference === `${this.resource.resourceType}/${this.resource.id}`
          : 'unclear',
      )
    );
  }

  isActor({ role, reference }: ConsentProvisionActor): boolean | 'unclear' {
    const { system, code } = role?.coding?.[0] ?? {};
    const named = reference?.reference;
    const isRole = system === ROLE;
    if (named === undefined) return isRole ? this.asker.is.includes(`${system}|${code}`) : 'unclear';
    if (!isRole && code !== 'PRCP' && code !== 'IRCP') return 'unclear';
    if (!PARTIES.includes(named.split('/')[0]!) || named.split('/').length !== 2) return 'unclear';
    return this.asker.is.includes(named);
  }

  isAction(code: string, sure: boolean): boolean | 'unclear' {
    if (!['collect', 'access', 'use', 'disclose', 'correct'].includes(code)) return 'unclear';
    if (this.act === 'read') return sure ? code === 'access' : ['access', 'use', 'disclose'].includes(code);
    if (this.act === 'create') return sure ? code === 'collect' : ['collect', 'correct'].includes(code);
    return code === 'correct';
  }

  isPurpose({ purpose }: ConsentProvision, sure: boolean): boolean {
    if (!purpose?.length) return true;
    const { purposes } = this.asker;
    if (purposes === undefined) return !sure;
    if (!sure && purpose.some(({ system }) => system !== `${CODES}/v3-ActReason`)) return true;
    const known = purpose.filter(({ system }) => system === `${CODES}/v3-ActReason`).map(({ code }) => code);
    const isMeant = (own: string) => known.includes(own) || (own === 'ETREAT' && known.includes('TREAT'));
    return sure ? purposes.every(isMeant) : purposes.some(isMeant);
  }

  isOfClass(system: string, code: string): boolean | 'unclear' {
    if (system === 'http://hl7.org/fhir/resource-types') return code === this.resource.resourceType;
    if (system !== 'http://hl7.org/fhir/StructureDefinition') return 'unclear';
    return ((this.resource.meta?.profile ?? []) as string[]).includes(`${system}/${code}`);
  }

  isLabelled(system: string, code: string, sure: boolean): boolean {
    const order = ['U', 'L', 'M', 'N', 'R', 'V'];
    const isMeant = (label: { system?: string; code?: string }) => {
      if (label.system !== system) return false;
      if (!system.endsWith('v3-Confidentiality')) return label.code === code;
      const [own, asked] = [order.indexOf(label.code!), order.indexOf(code)];
      return sure ? own <= asked : own >= asked;
    };
    return ((this.resource.meta?.security ?? []) as { system?: string; code?: string }[]).some(isMeant);
  }

  isOfTime({ dataPeriod }: ConsentProvision, sure: boolean): boolean {
    if (!dataPeriod) return true;
    const date = dateOf(this.resource);
    if (date === 'never') return false;
    if (date === undefined) return !sure;
    const [from, to] = periodOf(dataPeriod);
    return sure ? date[0] >= from && date[1] <= to : date[0] <= to && date[1] >= from;
  }
}
