import type { CodeableConcept, HumanName, Observation } from '@medplum/fhirtypes';
import { MRN_SYSTEM } from '../../data/patient.ts';
import { foldName } from '../../floors/search/foldName.ts';
import type { FloorTable, LoadedResource } from './table.ts';

/** `system|code` of a concept's first coding, as searches write it. */
export const tokenOf = (concept: CodeableConcept | undefined): string => {
  const { system = '', code = '' } = concept?.coding?.[0] ?? {};
  return `${system}|${code}`;
};

/** What a search by name compares with, folded, each once. */
export const namesOf = (names: readonly HumanName[] = []): string[] => {
  const parts = names.flatMap(({ family, given = [], prefix = [], suffix = [] }) => [
    ...(family === undefined ? [] : [family]),
    ...given,
    ...prefix,
    ...suffix,
  ]);
  return [...new Set(parts.map(foldName))];
};

/** The patient whose record it belongs to, if it belongs to one. */
const patientOf = ({ resource, url }: LoadedResource): string | undefined => {
  if (resource.resourceType === 'Patient') return url;
  return 'subject' in resource ? (resource.subject as { reference?: string }).reference : undefined;
};

/** Every text by id, for reads. */
const resource: FloorTable = {
  name: 'resource',
  columns: { id: 'text', content: 'text' },
  key: 'id',
  rows: (loaded) => [[loaded.resource.id, JSON.stringify(loaded.resource)]],
};

/** What the floor of creates inserts into. */
const created: FloorTable = {
  name: 'created',
  columns: { id: 'text', content: 'text' },
  key: 'id',
  grows: true,
  rows: () => [],
};

const patient: FloorTable = {
  name: 'patient',
  columns: { url: 'text', mrn: 'text', content: 'text' },
  key: 'url',
  indexes: ['mrn'],
  rows: ({ resource, url, text }) => {
    if (resource.resourceType !== 'Patient') return [];
    const number = resource.identifier?.find(({ system }) => system === MRN_SYSTEM)?.value ?? '';
    return [[url, `${MRN_SYSTEM}|${number}`, text]];
  },
};

const patientName: FloorTable = {
  name: 'patient_name',
  columns: { value: 'text', patient: 'text' },
  key: 'value, patient',
  indexes: ['patient, value'],
  rows: ({ resource, url }) =>
    resource.resourceType === 'Patient' ? namesOf(resource.name).map((name) => [name, url]) : [],
};

/** Which codes a patient has observations of. */
const patientCode: FloorTable = {
  name: 'patient_code',
  columns: { code: 'text', patient: 'text' },
  key: 'code, patient',
  rows: (loaded) =>
    loaded.resource.resourceType === 'Observation'
      ? [[tokenOf(loaded.resource.code), patientOf(loaded) ?? '']]
      : [],
};

const encounter: FloorTable = {
  name: 'encounter',
  columns: { url: 'text', patient: 'text', content: 'text' },
  key: 'url',
  indexes: ['patient'],
  rows: (loaded) =>
    loaded.resource.resourceType === 'Encounter' ? [[loaded.url, patientOf(loaded) ?? '', loaded.text]] : [],
};

const condition: FloorTable = {
  name: 'condition',
  columns: { url: 'text', patient: 'text', content: 'text' },
  indexes: ['patient'],
  rows: (loaded) =>
    loaded.resource.resourceType === 'Condition' ? [[loaded.url, patientOf(loaded) ?? '', loaded.text]] : [],
};

/** Those whom records refer to: practitioners and organizations. */
const actor: FloorTable = {
  name: 'actor',
  columns: { url: 'text', content: 'text' },
  key: 'url',
  rows: ({ resource, url, text }) =>
    ['Practitioner', 'Organization'].includes(resource.resourceType) ? [[url, text]] : [],
};

/** Which of them a patient's record refers to. */
const patientActor: FloorTable = {
  name: 'patient_actor',
  columns: { patient: 'text', actor: 'text' },
  key: 'patient, actor',
  rows: (loaded) => {
    const owner = patientOf(loaded);
    if (owner === undefined) return [];
    const referred = [...loaded.text.matchAll(/"reference":"((?:Practitioner|Organization)\/[^"]+)"/g)];
    return referred.map((match) => [owner, match[1] ?? '']);
  },
};

const observation: FloorTable = {
  name: 'observation',
  columns: {
    url: 'text',
    patient: 'text',
    encounter: 'text',
    code: 'text',
    category: 'text',
    status: 'text',
    date: 'timestamptz',
    updated: 'timestamptz',
    value: 'float8',
    content: 'text',
  },
  indexes: [
    'patient, date DESC',
    'patient, code, date DESC',
    'patient, category',
    'code, date DESC',
    'code, value',
    'status, updated DESC',
    'date DESC, code',
  ],
  rows: (loaded) => {
    if (loaded.resource.resourceType !== 'Observation') return [];
    const { code, category, status, encounter, effectiveDateTime, valueQuantity } =
      loaded.resource as Observation;
    return [
      [
        loaded.url,
        patientOf(loaded) ?? '',
        encounter?.reference ?? '',
        tokenOf(code),
        category?.[0]?.coding?.[0]?.code ?? '',
        status ?? '',
        effectiveDateTime ?? '',
        loaded.updated,
        valueQuantity?.value ?? NaN,
        loaded.text,
      ],
    ];
  },
};

/** All tables of the floors. */
export const FLOOR_TABLES: readonly FloorTable[] = [
  resource,
  created,
  patient,
  patientName,
  patientCode,
  encounter,
  condition,
  actor,
  patientActor,
  observation,
];
