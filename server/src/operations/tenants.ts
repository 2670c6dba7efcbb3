import type { Tenant, TenantRecords } from '../records/tenants.ts';
import type { Operation, OperationAnswer } from './operation.ts';
import type { OperationParameters } from './parameters.ts';
import { acceptOnly } from './values.ts';
import { parameterFault } from './parameterFault.ts';

const DEFINITION = 'https://maxray.example/fhir/OperationDefinition/';
const CREATED = 201;

/** `$create-tenant`, `$remove-tenant` and `$tenants`, at the system level of the main store. */
export function tenantOperations(tenants: TenantRecords): Operation[] {
  const operation = (name: string, affectsState: boolean, run: Operation['run']): Operation => ({
    name,
    definition: `${DEFINITION}${name}`,
    levels: ['system'],
    affectsState,
    run,
  });
  return [
    operation('create-tenant', true, async ({ caller, parameters }) => {
      acceptOnly(parameters, 'create-tenant', ['name']);
      const { tenant, administrator } = await tenants.make(caller, required(parameters, 'name'));
      return answer(
        [
          ...partsOf(tenant),
          { name: 'clientId', valueId: administrator.clientId },
          { name: 'clientSecret', valueString: administrator.clientSecret },
          { name: 'tokenUrl', valueUrl: administrator.tokenUrl },
        ],
        CREATED,
      );
    }),
    operation('remove-tenant', true, async ({ caller, parameters }) => {
      acceptOnly(parameters, 'remove-tenant', ['name', 'confirm']);
      const name = required(parameters, 'name');
      if (required(parameters, 'confirm') !== name) throw notConfirmed();
      await tenants.remove(caller, name);
      return { kind: 'nothing' };
    }),
    operation('tenants', false, async ({ caller, parameters }) => {
      acceptOnly(parameters, 'tenants', []);
      const all = await tenants.all(caller);
      return answer(all.map((tenant) => ({ name: 'tenant', part: partsOf(tenant) })));
    }),
  ];
}

const partsOf = ({ name, state, made, fhirBase }: Tenant): object[] => [
  { name: 'name', valueString: name },
  { name: 'state', valueCode: state },
  { name: 'made', valueInstant: made.toISOString() },
  { name: 'base', valueUrl: fhirBase },
];

const answer = (parameter: readonly object[], status?: number): OperationAnswer => ({
  kind: 'resource',
  ...(status !== undefined && { status }),
  body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
});

function required(parameters: OperationParameters, name: string): string {
  const value = parameters.text(name);
  if (value !== undefined) return value;
  throw parameterFault('required', name, `The parameter ${name} is missing.`);
}

const notConfirmed = () =>
  parameterFault(
    'value',
    'confirm',
    'Nothing was done: the parameter confirm must repeat the name of the tenant, of which nothing will be left.',
  );
