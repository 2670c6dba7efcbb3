import type { Encounter, Observation, Patient, Resource } from '@medplum/fhirtypes';

type Any = Resource & { id: string };

/** What a search is to answer, found out by looking at every resource. */
export interface Expected {
  /** All that satisfies it. */
  matches: Any[];
  /** The order of the answer, largest first; absent: none. */
  by?: (resource: Any) => string;
  /** What comes along with these matches. */
  included?: (matches: readonly Any[]) => Any[];
  /** Most matches; absent: no limit. */
  count?: number;
}

const PAGE = 20;
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const reference = (resource: Any): string => `${resource.resourceType}/${resource.id}`;
const isPatient = (resource: Any): resource is Patient & { id: string } =>
  resource.resourceType === 'Patient';
const isObservation = (resource: Any): resource is Observation & { id: string } =>
  resource.resourceType === 'Observation';
const isEncounter = (resource: Any): resource is Encounter & { id: string } =>
  resource.resourceType === 'Encounter';

const hasToken = (codings: { system?: string; code?: string }[] | undefined, token: string): boolean => {
  const [system, code] = token.includes('|') ? token.split('|') : [undefined, token];
  return (codings ?? []).some(
    (coding) => coding.code === code && (system === undefined || coding.system === system),
  );
};
const hasCode = (observation: Observation, token: string): boolean =>
  hasToken(observation.code?.coding, token);
const isNamed = ({ name = [] }: Patient, beginning: string): boolean =>
  name
    .flatMap(({ family = '', given = [], prefix = [] }) => [family, ...given, ...prefix])
    .some((part) => plain(part).startsWith(plain(beginning)));
const hasIdentifier = ({ identifier = [] }: Patient, token: string): boolean =>
  identifier.some(({ system, value }) => `${system}|${value}` === token);
const subjectOf = (resource: Any): string | undefined =>
  (resource as { subject?: { reference?: string } }).subject?.reference;
const dateOf = (resource: Any): string => (resource as Observation).effectiveDateTime ?? '';

/** Whether an observation satisfies one parameter. */
const satisfies = (patients: ReadonlyMap<string, Patient>, observation: Observation & { id: string }) => {
  const subject = (): Patient => patients.get(subjectOf(observation) ?? '') as Patient;
  return ([name, value]: [string, string]): boolean => {
    switch (name) {
      case 'patient':
        return subjectOf(observation) === value;
      case 'code':
        return hasCode(observation, value);
      case 'code:not':
        return !hasCode(observation, value);
      case 'category':
        return (observation.category ?? []).some(({ coding }) => hasToken(coding, value));
      case 'status':
        return observation.status === value;
      case 'date': {
        const [prefix, day] = [value.slice(0, 2), `${value.slice(2)}T00:00:00.000Z`];
        return prefix === 'ge' ? dateOf(observation) >= day : dateOf(observation) < day;
      }
      case 'patient.name':
        return isNamed(subject(), value);
      case 'subject:Patient.identifier':
        return hasIdentifier(subject(), value);
      case 'code-value-quantity': {
        const [code = '', quantity = ''] = value.split('$');
        const [number = '', system, unit] = quantity.slice('gt'.length).split('|');
        const { valueQuantity } = observation;
        return (
          hasCode(observation, code) &&
          valueQuantity?.system === system &&
          valueQuantity?.code === unit &&
          (valueQuantity?.value ?? NaN) > Number(number)
        );
      }
      default:
        throw new Error(`the oracle does not know ${name}`);
    }
  };
};

const RESULT_PARAMETERS = ['_sort', '_count', '_include'];

const observations = (all: readonly Any[], parameters: URLSearchParams): Expected => {
  const conditions = [...parameters].filter(([name]) => !RESULT_PARAMETERS.includes(name));
  const patients = new Map(all.filter(isPatient).map((patient) => [reference(patient), patient]));
  const matches = all
    .filter(isObservation)
    .filter((observation) => conditions.every(satisfies(patients, observation)));
  return {
    matches,
    count: PAGE,
    ...(parameters.get('_sort') === '-date' && { by: dateOf }),
    ...(parameters.has('_include') && {
      included: (page: readonly Any[]) =>
        all
          .filter(isEncounter)
          .filter((encounter) =>
            page.some((match) => (match as Observation).encounter?.reference === reference(encounter)),
          ),
    }),
  };
};

const patients = (all: readonly Any[], parameters: URLSearchParams): Expected => {
  const code = parameters.get('_has:Observation:patient:code');
  const measured = new Set(
    all
      .filter(isObservation)
      .filter((each) => code !== null && hasCode(each, code))
      .map(subjectOf),
  );
  const holds = (patient: Patient & { id: string }): boolean => {
    if (parameters.has('name')) return isNamed(patient, parameters.get('name') ?? '');
    if (parameters.has('identifier')) return hasIdentifier(patient, parameters.get('identifier') ?? '');
    if (parameters.has('_id')) return patient.id === parameters.get('_id');
    return measured.has(reference(patient));
  };
  return {
    matches: all.filter(isPatient).filter(holds),
    count: PAGE,
    ...(parameters.has('_revinclude') && {
      included: (page: readonly Any[]) =>
        all
          .filter(isEncounter)
          .filter((encounter) => page.some((match) => subjectOf(encounter) === reference(match))),
    }),
  };
};

const everything = (all: readonly Any[], owner: string): Expected => ({
  matches: all.filter((resource) => reference(resource) === owner || subjectOf(resource) === owner),
  included: (page) => {
    const text = JSON.stringify(page);
    return all.filter(
      (resource) =>
        ['Practitioner', 'Organization'].includes(resource.resourceType) &&
        text.includes(`"${reference(resource)}"`),
    );
  },
});

/** @param path below the FHIR base, beginning with a slash */
export const expected = (all: readonly Any[], path: string): Expected => {
  const { pathname, searchParams } = new URL(path, 'http://host');
  if (pathname === '/Observation') return observations(all, searchParams);
  if (pathname === '/Patient') return patients(all, searchParams);
  return everything(all, pathname.slice(1, -'/$everything'.length));
};
