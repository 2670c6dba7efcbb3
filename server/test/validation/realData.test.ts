import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Issue } from '../../src/fhir/outcome.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import { createInvariants } from '../../src/validation/invariants/createInvariants.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { archivedFiles, sharedPath } from '../support/sharedData.ts';
import { issuesNow } from '../support/validation.ts';

let validator: Validator;

beforeAll(async () => {
  const definitions = await r4Definitions();
  validator = createValidator(definitions, { invariants: createInvariants(definitions).at });
});

function errorsOf(resource: unknown): Issue[] {
  return issuesNow(validator, resource).filter(({ severity }) => severity === 'error');
}

/** `rule expression` of each error, every pair once. */
function faults(resource: unknown): string[] {
  const found = errorsOf(resource).map(
    ({ details, expression }) =>
      `${details?.coding?.[0]?.code} ${expression?.[0]?.replaceAll(/\[\d+\]/g, '')}`,
  );
  return [...new Set(found)];
}

/** A reference to a SearchParameter with an id of 67 characters. */
const TOO_LONG_REFERENCE = 'reference-format ImplementationGuide.manifest.resource.reference';

/** HL7's examples that break the structure that HL7 itself defined, and how. */
const INVALID_EXAMPLES: Record<string, string[]> = {
  // Search parameters on extensions, published without the resource types they apply to (base is 1..*).
  ...Object.fromEntries(
    ['CodeSystem', 'ValueSet'].flatMap((type) =>
      ['author', 'effective', 'end', 'keyword', 'workflow'].map((code) => [
        `SearchParameter-${type.toLowerCase()}-extensions-${type}-${code}.json`,
        ['cardinality-min SearchParameter.base'],
      ]),
    ),
  ),
  // Generated guides without name and status, both 1..1.
  'ImplementationGuide-fhir.json': [
    TOO_LONG_REFERENCE,
    'cardinality-min ImplementationGuide.name',
    'cardinality-min ImplementationGuide.status',
  ],
  'ig-r4.json': [
    TOO_LONG_REFERENCE,
    'cardinality-min ImplementationGuide.name',
    'cardinality-min ImplementationGuide.status',
  ],
  // Display items without linkId, which is 1..1, and extensions that R4 does not define.
  'Questionnaire-qs1.json': [
    'cardinality-min Questionnaire.item.item.linkId',
    'cardinality-min Questionnaire.item.item.item.linkId',
    'extension-unknown Questionnaire.item.item.item.extension',
    'cardinality-min Questionnaire.item.item.item.item.linkId',
    'extension-unknown Questionnaire.item.item.item.item.extension',
  ],
  // Logical models that are not abstract and have no base, which sdf-4 asks for.
  ...Object.fromEntries(
    ['Definition', 'Event', 'FiveWs', 'Request'].map((name) => [
      `StructureDefinition-${name}.json`,
      ['invariant StructureDefinition'],
    ]),
  ),
  // Contained resources are named that are not there.
  'PlanDefinition-example-cardiology-os.json': [
    'canonical-contained PlanDefinition.contained.item.answerValueSet',
    'canonical-contained PlanDefinition.action.action.action.action.definition',
  ],
  // An id of 67 characters, where 64 are allowed.
  'SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json': [
    'format-id SearchParameter.id',
  ],
  // Narratives with nothing in them (txt-2).
  'ActivityDefinition-blood-tubes-supply.json': ['narrative-empty ActivityDefinition.text.div'],
  'ActivityDefinition-heart-valve-replacement.json': ['narrative-empty ActivityDefinition.text.div'],
  'EventDefinition-example.json': ['narrative-empty EventDefinition.text.div'],
  'Questionnaire-zika-virus-exposure-assessment.json': ['narrative-empty Questionnaire.text.div'],
  // An extension of value sets at a code system, and one with a part that its definition lacks.
  'CodeSystem-dicom-dcim.json': ['extension-context CodeSystem.concept.extension'],
  'Bundle-hla-1.json': ['extension-part Bundle.entry.resource.extension.extension'],
  // Entries whose fullUrl ends in another id than their resource has.
  'Bundle-10bb101f-a121-4264-a920-67be9cb82c74.json': ['bundle-identity Bundle.entry'],
  'Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe.json': ['bundle-identity Bundle.entry'],
  'Bundle-lri-example.json': ['bundle-identity Bundle.entry'],
  // References to a DeviceDefinition, Procedure, Practitioner and Encounter, where the definition allows others.
  'DeviceMetric-example.json': ['reference-target DeviceMetric.parent'],
  'DeviceUseStatement-example.json': ['reference-target DeviceUseStatement.reasonReference'],
  'MedicationRequest-medrx0301.json': ['reference-target MedicationRequest.dispenseRequest.performer'],
  'Observation-clinical-gender.json': ['reference-target Observation.performer'],
};

const examples = sharedPath('data/r4-examples-4.0.1.tgz');
(examples ? describe : describe.skip)("HL7's examples of R4", () => {
  test('have the structure that HL7 defined, with known exceptions', () => {
    const found: Record<string, string[]> = {};
    let count = 0;
    for (const { name, content } of archivedFiles(examples ?? '')) {
      if (!name.endsWith('.json') || name.endsWith('/package.json')) continue;
      count += 1;
      const errors = faults(JSON.parse(content.toString('utf8')));
      if (errors.length > 0) found[name.replace(/^.*\//, '')] = errors;
    }
    expect(count).toBe(5298);
    expect(found).toEqual(INVALID_EXAMPLES);
  });
});

const synthea = sharedPath('data/synthea-set200.tgz');
(synthea ? describe : describe.skip)('200 Synthea patients', () => {
  test('have no fault', () => {
    let resources = 0;
    for (const { name, content } of archivedFiles(synthea ?? '')) {
      if (!name.endsWith('.json')) continue;
      const bundle = JSON.parse(content.toString('utf8')) as { entry: unknown[] };
      resources += bundle.entry.length;
      expect([name, faults(bundle)]).toEqual([name, []]);
    }
    expect(resources).toBe(61_958);
  });
});
