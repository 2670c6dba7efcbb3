/**
 * Invariants of R4 whose expression does not say what their words say, or says it in too many steps, by key and expression: what is evaluated instead.
 * docs/spec-clarifications.md tells why.
 */
const CORRECTED: ReadonlyMap<string, string> = new Map([
  // Dates of different precision have no order, so that the result was empty; R5 compares their boundaries. These allow for every
  // time zone, so that they decide only where there is no order, or where a day is compared with a time in some zone.
  [
    'per-1 start.hasValue().not() or end.hasValue().not() or (start <= end)',
    'start.hasValue().not() or end.hasValue().not() or (start <= end) or (((start <= end).empty() or (start.precision() > 8) != (end.precision() > 8)) and start.lowBoundary() <= end.highBoundary())',
  ],
  [
    'inv-1 lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn',
    'lastModified.hasValue().not() or authoredOn.hasValue().not() or (lastModified >= authoredOn) or (((lastModified >= authoredOn).empty() or (lastModified.precision() > 8) != (authoredOn.precision() > 8)) and lastModified.highBoundary() >= authoredOn.lowBoundary())',
  ],
  [
    'mdd-1 whenHandedOver.empty() or whenPrepared.empty() or whenHandedOver >= whenPrepared',
    'whenHandedOver.hasValue().not() or whenPrepared.hasValue().not() or (whenHandedOver >= whenPrepared) or (((whenHandedOver >= whenPrepared).empty() or (whenHandedOver.precision() > 8) != (whenPrepared.precision() > 8)) and whenHandedOver.highBoundary() >= whenPrepared.lowBoundary())',
  ],
  // Quantities in units that do not fit, or without a value, have no order either.
  [
    'rng-2 low.empty() or high.empty() or (low <= high)',
    'low.value.empty() or high.value.empty() or low.comparator.exists() or high.comparator.exists() or (low <= high) or low.comparable(high).not()',
  ],
  // FHIR's booleans are not System.Boolean.
  [
    `que-7 operator = 'exists' implies (answer is Boolean)`,
    `operator = 'exists' implies (answer is boolean)`,
  ],
  // The same for a list, where looking below each concept takes most of the steps.
  [
    'csd-1 concept.code.combine($this.descendants().concept.code).isDistinct()',
    'iif(concept.concept.exists(), concept.code.combine($this.descendants().concept.code), concept.code).isDistinct()',
  ],
  // A category is a CodeableConcept and equals no text.
  [
    `con-3 clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or category.select($this='problem-list-item').empty()`,
    `clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or category.coding.where(code = 'problem-list-item').empty()`,
  ],
  // Medplum's policies know neither chains nor _has; what criteria may be is decided when they are read.
  [
    String.raw`axp-3 criteria.exists() implies criteria.matches('^' & iif(%context.resourceType = '*','\\*',%context.resourceType) & '\\?([a-zA-Z_:-]+=[^&]+&?)+$') and criteria.contains('_has:').not()`,
    `criteria.exists() implies criteria.startsWith(resourceType & '?')`,
  ],
]);

/** The expression to evaluate for an invariant of R4. */
export function correctedExpression(key: string, expression: string): string {
  return CORRECTED.get(`${key} ${expression}`) ?? expression;
}
