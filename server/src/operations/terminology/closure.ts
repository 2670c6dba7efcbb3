import type { TerminologyRecords } from '../../records/terminology.ts';
import type { Operation } from '../operation.ts';
import { acceptOnly } from '../values.ts';
import { answering, codingOf, missing } from './context.ts';
import { parameterFault } from '../parameterFault.ts';

/** Longest name of a closure table. */
const NAME_CHARS_MAX = 200;

/** `$closure` (http://hl7.org/fhir/R4/conceptmap-operation-closure.html). */
export function closureOperation(terminology: TerminologyRecords): Operation {
  return {
    name: 'closure',
    definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-closure',
    levels: ['system'],
    affectsState: true,
    run: ({ caller, parameters }) =>
      answering(async () => {
        acceptOnly(parameters, 'closure', ['name', 'concept', 'version']);
        const name = parameters.text('name');
        if (name === undefined || name.length > NAME_CHARS_MAX)
          throw missing('closure', 'name', `a 'name' of ${NAME_CHARS_MAX} characters at the most`);
        const version = parameters.text('version');
        if (version !== undefined && !/^\d{1,9}$/.test(version))
          throw parameterFault('value', 'version', 'version must be one that $closure has answered.');
        const concepts = parameters.named('concept').map(codingOf);
        return terminology.closure(caller, {
          name,
          concepts,
          ...(version !== undefined && { since: Number(version) }),
        });
      }),
  };
}
