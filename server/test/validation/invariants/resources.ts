export type Part = Record<string, unknown>;
export const CODE = { text: 'x' };
export const PATIENT = { reference: 'Patient/1' };
export const observation = (parts: Part) => ({
  resourceType: 'Observation',
  status: 'final',
  code: CODE,
  ...parts,
});
export const question = (parts: Part) => ({
  resourceType: 'Questionnaire',
  status: 'draft',
  item: [{ linkId: '1', type: 'string', ...parts }],
});
export const bundle = (type: string, ...entry: Part[]) => ({
  resourceType: 'Bundle',
  type,
  ...(entry.length > 0 ? { entry } : {}),
});
export const timing = (repeat: Part) => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  subject: PATIENT,
  code: CODE,
  occurrenceTiming: { repeat },
});
export const valueSet = (parts: Part) => ({ resourceType: 'ValueSet', status: 'draft', ...parts });
export const element = (parts: Part) => ({
  resourceType: 'StructureDefinition',
  url: 'http://example.org/s',
  name: 'S',
  status: 'draft',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: {
    element: [
      { id: 'Patient', path: 'Patient' },
      { id: 'Patient.name', path: 'Patient.name', ...parts },
    ],
  },
});
export const task = (parts: Part) => ({ resourceType: 'Task', status: 'draft', intent: 'order', ...parts });
export const appointment = (parts: Part) => ({
  resourceType: 'Appointment',
  status: 'booked',
  participant: [{ status: 'accepted', actor: PATIENT }],
  ...parts,
});
export const quantity = (code: string, value: number) => ({
  value,
  system: 'http://unitsofmeasure.org',
  code,
});
export const at = (start: string, end: string) => ({
  resourceType: 'Encounter',
  status: 'planned',
  class: { code: 'AMB' },
  period: { start, end },
});
export const condition = (parts: Part) => ({ resourceType: 'Condition', subject: PATIENT, ...parts });
export const coded = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
export const ERRED = coded('condition-ver-status', 'entered-in-error');
export const ACTIVE = coded('condition-clinical', 'active');
export const parameters = (...parameter: Part[]) => ({ resourceType: 'Parameters', parameter });

/** Key, where it is broken, a resource that breaks it, and one that does not. */
export type BrokenCase = [key: string, place: string, broken: Part, whole: Part];
