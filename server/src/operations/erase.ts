import { fhirError } from '../fhir/outcome.ts';
import { countParameters } from '../records/erasure/certificate.ts';
import type { Erasures, ErasurePreview } from '../records/erasure/erasures.ts';
import type { Operation } from './operation.ts';
import type { OperationParameters } from './parameters.ts';
import { acceptOnly } from './values.ts';
import { parameterFault } from './parameterFault.ts';

/** Characters of the reason: it is kept with the certificate. */
const REASON_CHARS_MAX = 1_000;
const NAME = /^[A-Z][A-Za-z]{1,40}\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * `POST Patient/[id]/$erase`: all that is stored of a patient goes, for good (decision 0039). With `dryRun=true` it tells what would be
 * done. `reason` is kept and must not name the patient; `erase` names resources of several patients that are to go as well.
 */
export function eraseOperation(erasures: Erasures): Operation {
  return {
    name: 'erase',
    definition: 'https://maxray.example/fhir/OperationDefinition/erase',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: true,
    run: async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'erase', ['dryRun', 'reason', 'erase']);
      const wish = { patient: id!, alsoErase: namesOf(parameters) };
      const reason = parameters.text('reason');
      if (isDryRun(parameters)) return answer(previewParameters(await erasures.preview(caller, wish)));
      const certificate = await erasures.erase(caller, wish, requiredReason(reason));
      return {
        kind: 'resource',
        body: certificate.content,
      };
    },
  };
}

function isDryRun(parameters: OperationParameters): boolean {
  const text = parameters.text('dryRun') ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw parameterFault('value', 'dryRun', 'dryRun takes true or false.');
}

function requiredReason(reason: string | undefined): string {
  if (reason !== undefined && reason.trim() !== '' && reason.length <= REASON_CHARS_MAX) return reason;
  const text = `The parameter reason says why the patient is erased, in 1 to ${REASON_CHARS_MAX} characters. It is kept: do not name the patient in it.`;
  throw parameterFault(reason === undefined ? 'required' : 'value', 'reason', text);
}

function namesOf(parameters: OperationParameters): string[] {
  const names = parameters.texts('erase');
  if (names.every((name) => NAME.test(name))) return names;
  throw fhirError(
    'incorrect',
    'value',
    'erase takes names of resources, such as Bundle/1.',
    'Parameters.parameter',
  );
}

const answer = (parameter: readonly object[]) => ({
  kind: 'resource' as const,
  body: JSON.stringify({ resourceType: 'Parameters', parameter }),
});

function previewParameters({ erased, files, studies, changes, held, shared }: ErasurePreview): object[] {
  const named = (name: string, references: readonly string[]) =>
    references.map((reference) => ({ name, valueReference: { reference } }));
  return [
    { name: 'possible', valueBoolean: held.length + shared.length === 0 },
    ...countParameters({ erased, changed: [], files, studies }),
    ...named('changes', changes),
    ...named('held', held),
    ...named('shared', shared),
  ];
}
