import type { ImagingStudy } from '@medplum/fhirtypes';

const COMPLETENESS = 'https://maxray.example/fhir/StructureDefinition/maxray-study-completeness';

/** A code of maxray-study-completeness; undefined where the study says nothing of it. */
export const completenessOf = ({ extension = [] }: ImagingStudy): string | undefined =>
  extension.find(({ url }) => url === COMPLETENESS)?.valueCode;
