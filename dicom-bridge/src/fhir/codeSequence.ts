import type { CodeableConcept } from '@medplum/fhirtypes';
import type { DataSet } from '../objects/dataSet.ts';
import type { Values } from '../objects/dataSet.ts';
import { textOf } from '../objects/values.ts';

/** Coding Scheme Designators (PS3.16 table 8-1) by the systems that FHIR knows them under. */
const SCHEMES: Readonly<Record<string, string>> = {
  'http://snomed.info/sct': 'SCT',
  'http://loinc.org': 'LN',
  'http://dicom.nema.org/resources/ontology/DCM': 'DCM',
  'http://hl7.org/fhir/sid/icd-10': 'I10',
  'http://www.ama-assn.org/go/cpt': 'C4',
  'http://radlex.org': 'RADLEX',
};
const SYSTEMS = new Map(Object.entries(SCHEMES).map(([system, scheme]) => [scheme, system]));
/** Value representation SH, which Code Value is of. */
const CODE_CHARS_MAX = 16;

/** Items of a code sequence (PS3.3 section 8): of each concept the first coding that DICOM has a scheme for. */
export function codeItems(concepts: readonly (CodeableConcept | undefined)[]): DataSet[] {
  return concepts.flatMap((concept) => {
    const coding = concept?.coding?.find(
      ({ system = '', code = '' }) =>
        SCHEMES[system] !== undefined && code !== '' && code.length <= CODE_CHARS_MAX,
    );
    if (!coding) return [];
    const meaning = coding.display ?? concept?.text ?? coding.code!;
    return [
      { CodeValue: coding.code!, CodingSchemeDesignator: SCHEMES[coding.system!]!, CodeMeaning: meaning },
    ];
  });
}

/** The concept of an item of a code sequence; as text alone where FHIR has no system for its scheme. */
export function conceptOf(item: Values): CodeableConcept | undefined {
  const [code, scheme, text] = ['CodeValue', 'CodingSchemeDesignator', 'CodeMeaning'].map((keyword) =>
    textOf(item, keyword),
  );
  const system = SYSTEMS.get(scheme ?? '');
  const coding = code !== undefined &&
    system !== undefined && { system, code, ...(text !== undefined && { display: text }) };
  if (!coding && text === undefined) return undefined;
  return { ...(coding && { coding: [coding] }), ...(text !== undefined && { text }) };
}

/** What a concept is called. */
export const conceptText = (concept: CodeableConcept | undefined): string =>
  concept?.text ?? concept?.coding?.find(({ display }) => display !== undefined)?.display ?? '';
