import type { Emergencies, Emergency } from '../records/emergencies/emergencies.ts';
import type { Operation, OperationAnswer } from './operation.ts';
import { acceptOnly } from './values.ts';
import { parameterFault } from './parameterFault.ts';

const DEFINITION = 'https://maxray.example/fhir/OperationDefinition/';
/** v3-ActReason: break the glass. */
const PURPOSE = 'BTG';

/**
 * `POST Patient/[id]/$break-glass` opens a record in an emergency, `POST Patient/[id]/$end-break-glass` closes it again;
 * `$break-glass-list` tells administrators who has opened what (decision 0038).
 */
export function breakGlassOperations(emergencies: Emergencies): Operation[] {
  return [
    {
      ...operation('break-glass', ['Patient']),
      run: async ({ caller, id, parameters }) => {
        acceptOnly(parameters, 'break-glass', ['reason', 'purpose']);
        const purpose = parameters.text('purpose');
        if (purpose !== undefined && purpose !== PURPOSE)
          throw parameterFault('value', 'purpose', `purpose takes ${PURPOSE} only.`);
        return answer(partsOf(await emergencies.open(caller, id!, parameters.text('reason') ?? '')));
      },
    },
    {
      ...operation('end-break-glass', ['Patient']),
      run: async ({ caller, id, parameters }) => {
        acceptOnly(parameters, 'end-break-glass', ['user']);
        return listed('ended', await emergencies.end(caller, id!, parameters.text('user')));
      },
    },
    {
      ...operation('break-glass-list'),
      affectsState: false,
      run: async ({ caller, parameters }) => {
        acceptOnly(parameters, 'break-glass-list', ['open']);
        const open = parameters.text('open') ?? 'false';
        if (open !== 'true' && open !== 'false')
          throw parameterFault('value', 'open', 'open takes true or false.');
        return listed('access', await emergencies.list(caller, open === 'true'));
      },
    },
  ];
}

const operation = (name: string, types?: readonly string[]) => ({
  name,
  definition: `${DEFINITION}${name}`,
  levels: [types ? ('instance' as const) : ('system' as const)],
  ...(types && { types }),
  affectsState: true,
});

const listed = (name: string, emergencies: readonly Emergency[]): OperationAnswer =>
  answer(emergencies.map((one) => ({ name, part: partsOf(one) })));

function partsOf({ id, account, patient, reason, started, expires, ended, endedBy }: Emergency): object[] {
  return [
    { name: 'id', valueString: id },
    { name: 'user', valueString: account },
    { name: 'patient', valueReference: { reference: `Patient/${patient}` } },
    { name: 'purpose', valueCode: PURPOSE },
    { name: 'reason', valueString: reason },
    { name: 'started', valueInstant: started.toISOString() },
    { name: 'expires', valueInstant: expires.toISOString() },
    ...(ended ? [{ name: 'ended', valueInstant: ended.toISOString() }] : []),
    ...(endedBy === undefined ? [] : [{ name: 'endedBy', valueString: endedBy }]),
  ];
}

const answer = (parameter: readonly object[]): OperationAnswer => ({
  kind: 'resource',
  body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
});
