import { FhirError, type ErrorCategory } from '../../fhir/outcome.ts';
import type { TerminologyRecords } from '../../records/terminology.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import { OperationParameters, operationParameters } from '../parameters.ts';
import { answering, missing, parametersResource } from './context.ts';
import { inValueSet } from './validateCode.ts';

/** Questions in one call. */
const VALIDATIONS_MAX = 500;

/** `ValueSet/$batch-validate-code`: many validations in one call, as HL7's validator sends them. */
export function batchValidateCode(terminology: TerminologyRecords): Operation {
  return {
    name: 'batch-validate-code',
    definition: 'http://hl7.org/fhir/tools/OperationDefinition/ValueSet-batch-validate-code',
    levels: ['type'],
    types: ['ValueSet'],
    affectsState: false,
    run: (request) =>
      answering(async () => {
        const asked = request.parameters.named('validation').flatMap(({ resource }) => resource ?? []);
        if (asked.length === 0 || asked.length > VALIDATIONS_MAX)
          throw missing(
            'batch-validate-code',
            'validation',
            `1 to ${VALIDATIONS_MAX} parameters 'validation' with a Parameters resource`,
          );
        const shared = request.parameters.all.filter(({ name }) => name !== 'validation');
        const answers = [];
        for (const body of asked) {
          const own = operationParameters([], body);
          const names = new Set(own.all.map(({ name }) => name));
          const inherited = shared.filter(({ name }) => name === 'tx-resource' || !names.has(name));
          const parameters = new OperationParameters([...inherited, ...own.all]);
          answers.push({ name: 'validation', resource: await one(terminology, { ...request, parameters }) });
        }
        return parametersResource(answers);
      }),
  };
}

/** One answer: the parameters, or the OperationOutcome that tells why there are none. */
async function one(terminology: TerminologyRecords, request: OperationRequest): Promise<unknown> {
  try {
    const answer = await answering(async () => parametersResource(await inValueSet(terminology, request)));
    return answer.kind === 'resource' ? JSON.parse(answer.body) : undefined;
  } catch (error) {
    // A question that was put wrongly; that nothing can be answered now is said of all.
    if (!(error instanceof FhirError) || !OF_ONE_QUESTION.has(error.category)) throw error;
    return { resourceType: 'OperationOutcome', issue: error.issues };
  }
}

const OF_ONE_QUESTION: ReadonlySet<ErrorCategory> = new Set(['incorrect', 'unprocessable', 'not-found']);
