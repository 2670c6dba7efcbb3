/**
 * Code-like parameters, whose keys are repeated with the main date in the ordered table: for `code=...&_sort=-date`
 * at any frequency of the code. Only types with a main date (MAIN_DATE) stand here.
 */
export const ORDERED_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['code'],
  Appointment: ['service-type'],
  AuditEvent: ['type'],
  ChargeItem: ['code'],
  Claim: ['use'],
  Communication: ['category'],
  Composition: ['type'],
  Condition: ['code'],
  DeviceRequest: ['code'],
  DiagnosticReport: ['code'],
  DocumentReference: ['type'],
  Encounter: ['type'],
  FamilyMemberHistory: ['code'],
  ImagingStudy: ['modality'],
  Immunization: ['vaccine-code'],
  List: ['code'],
  Media: ['type'],
  MedicationAdministration: ['code'],
  MedicationDispense: ['code'],
  MedicationRequest: ['code'],
  MedicationStatement: ['code'],
  Observation: ['code'],
  Procedure: ['code'],
  ServiceRequest: ['code'],
  Specimen: ['type'],
  Task: ['code'],
};
