import type { Accounts } from '../records/accounts.ts';
import type { Operation, OperationAnswer, OperationRequest } from './operation.ts';
import { acceptOnly } from './values.ts';
import { parameterFault } from './parameterFault.ts';

const DEFINITION = 'https://maxray.example/fhir/OperationDefinition/';

type Name =
  | 'rotate-secret'
  | 'set-password'
  | 'invite'
  | 'reset-second-factors'
  | 'revoke'
  | 'send-verification'
  | 'smart-launch';

/** What is done with the proofs of users and clients, which are no resources: each changes something, so each takes POST. */
export function accountOperations(accounts: Accounts): Operation[] {
  const operation = (name: Name, types: readonly string[], run: Operation['run']): Operation => ({
    name,
    definition: `${DEFINITION}${name}`,
    levels: ['instance'],
    types,
    affectsState: true,
    run,
  });
  return [
    operation('rotate-secret', ['ClientApplication'], async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'rotate-secret', []);
      return answer([{ name: 'secret', valueString: await accounts.rotateSecret(caller, id!) }]);
    }),
    operation('set-password', ['User'], async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'set-password', ['password']);
      await accounts.setPassword(caller, id!, required(parameters.text('password'), 'password'));
      return { kind: 'nothing' };
    }),
    operation('invite', ['User'], async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'invite', []);
      const { link, expiresAtMs, mailed } = await accounts.invite(caller, id!);
      return answer([
        { name: 'link', valueUrl: link },
        { name: 'expires', valueInstant: new Date(expiresAtMs).toISOString() },
        { name: 'mailed', valueBoolean: mailed },
      ]);
    }),
    operation('reset-second-factors', ['User'], async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'reset-second-factors', []);
      await accounts.resetSecondFactors(caller, id!);
      return { kind: 'nothing' };
    }),
    operation('send-verification', ['User'], async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'send-verification', []);
      await accounts.sendVerification(caller, id!);
      return { kind: 'nothing' };
    }),
    operation('revoke', ['User', 'ClientApplication'], async ({ caller, type, id, parameters }) => {
      acceptOnly(parameters, 'revoke', []);
      await accounts.revoke(caller, type as 'User' | 'ClientApplication', id!);
      return { kind: 'nothing' };
    }),
    operation('smart-launch', ['ClientApplication'], (request) => smartLaunch(accounts, request)),
  ];
}

async function smartLaunch(accounts: Accounts, request: OperationRequest): Promise<OperationAnswer> {
  const { caller, id, parameters } = request;
  acceptOnly(parameters, 'smart-launch', ['patient', 'encounter']);
  const [patient, encounter] = [parameters.text('patient'), parameters.text('encounter')];
  const { launch, launchUri } = await accounts.launch(caller, id!, {
    ...(patient !== undefined && { patient }),
    ...(encounter !== undefined && { encounter }),
  });
  return answer([
    { name: 'launch', valueString: launch },
    ...(launchUri === undefined ? [] : [{ name: 'launchUri', valueUri: launchUri }]),
  ]);
}

const answer = (parameter: readonly object[]): OperationAnswer => ({
  kind: 'resource',
  body: JSON.stringify({ resourceType: 'Parameters', parameter }),
});

function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw parameterFault('required', name, `The parameter ${name} is missing.`);
}
