import type { StoredVersion } from '../checker/history.ts';
import type { Version } from '../../fault/support/allVersions.ts';

export const TYPES = ['Patient', 'Observation', 'Basic'] as const;

const REGISTERS = 20;
const REGISTER = 'urn:maxray:register';
const PERSON = 'urn:maxray:person';
const MARK = 'urn:maxray:mark';

/** The resources that all clients write. */
export const REGISTER_KEYS = Array.from({ length: REGISTERS }, (_, i) => `${TYPES[i % TYPES.length]}/r${i}`);

const REQUIRED = {
  Patient: {},
  Observation: { status: 'final', code: { text: 'history' } },
  Basic: { code: { text: 'history' } },
};

export const partsOf = (key: string) => key.split('/') as [type: keyof typeof REQUIRED, id: string];

/** A register with the mark of one write. */
export function registerBody(key: string, mark: string): object {
  const [type, id] = partsOf(key);
  return {
    resourceType: type,
    id,
    identifier: [{ system: REGISTER, value: id }, markOf(mark)],
    ...REQUIRED[type],
  };
}

/** Ways of asking for a register. */
export function registerCriteria(key: string): string[] {
  const [, id] = partsOf(key);
  return [
    `identifier=${REGISTER}|${id}`,
    `identifier=${id}`,
    `_id=${id}`,
    `identifier=${id},${id}-other&_id=${id}`,
  ];
}

/** A patient who may be there only once, under an id of the server's. */
export const personBody = (person: string, mark: string): object => ({
  resourceType: 'Patient',
  identifier: [{ system: PERSON, value: person }, { system: PERSON, value: `${person}-other` }, markOf(mark)],
  name: [{ family: person }],
  generalPractitioner: [{ reference: `Practitioner/${person}` }],
});

/** Ways of asking for the same person. */
export const personCriteria = (person: string): string[] => [
  `identifier=${PERSON}|${person}`,
  `identifier=${person}`,
  `identifier=${PERSON}|${person}-other`,
  `identifier=${PERSON}|${person}&identifier=${person}-other`,
  `identifier=${person}-other,${person}`,
  `identifier=${person}&family=${person}`,
  `family:exact=${person}`,
  `_filter=identifier eq ${person}`,
  `general-practitioner=Practitioner/${person}`,
];

const markOf = (mark: string) => ({ system: MARK, value: mark });

/** A patch that adds a mark to those that are there. */
export const jsonPatch = (mark: string): object => [
  { op: 'add', path: '/identifier/-', value: markOf(mark) },
];

/** The same as FHIRPath Patch. */
export const fhirPathPatch = (type: string, mark: string): object => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: type },
        { name: 'name', valueString: 'identifier' },
        { name: 'value', valueIdentifier: markOf(mark) },
      ],
    },
  ],
});

/** A resource as text whose members stand as JSON.stringify has them: compared are texts of one spelling. */
export const spelled = (resource: unknown): string => JSON.stringify(resource);

/** A stored version, with its marks. */
export function storedVersion({ text, lastUpdatedMs }: Version): StoredVersion {
  if (text === undefined) return { text, marks: [], lastUpdatedMs };
  const resource = JSON.parse(text) as { identifier: { system: string; value: string }[] };
  const marks = resource.identifier.filter(({ system }) => system === MARK).map(({ value }) => value);
  return { text: spelled(resource), marks, lastUpdatedMs };
}
