import { setTimeout as sleep } from 'node:timers/promises';
import { fhirError } from '../../fhir/outcome.ts';
import { OAUTH_PATHS } from '../../identity/paths.ts';
import type { Tenant, TenantKeeper } from '../../records/tenants.ts';
import { FHIR_BASE_PATH } from '../../rest/handler.ts';
import { TRUST_MS_MAX } from '../../store/postgres/notices.ts';
import { dropSchema } from '../../store/tenants/dropSchema.ts';
import {
  TENANT_NAME_CHARS_MAX,
  TenantTable,
  isTenantName,
  type TenantRow,
} from '../../store/tenants/tenantTable.ts';
import { keepLog } from './keptLog.ts';
import { withTenant, type TenantParts } from './openTenant.ts';
import { makeSchema, withSchemaRights } from './schemaRights.ts';
import { makeTenantAdministrator } from './tenantAdministrator.ts';
import { removeFiles } from './tenantPlace.ts';
import { DRAIN_MS_MAX, type Tenants } from './tenants.ts';
import { TENANTS_PATH } from './tenantUrl.ts';

/** What a server needs to end a tenant whose requests have ended, with the records of them. */
const END_MS = 500;
/** By then every other server has heard that a tenant is being removed, or looks for itself since it hears nothing, and has closed it. */
const HEARD_MS = TRUST_MS_MAX + DRAIN_MS_MAX + END_MS;

/**
 * Makes and removes tenants. What is cut off, by whatever, stands in the table as begun and is not served; repeating it brings it to
 * its end.
 */
export function tenantKeeper(parts: TenantParts, tenants: Tenants): TenantKeeper {
  const { machine, main, folders } = parts;
  const table = new TenantTable(machine.database, main.schema);
  const rootOf = (name: string): string => `${main.root}${TENANTS_PATH}${name}`;
  const tenantOf = ({ name, state, made }: TenantRow): Tenant => ({
    ...{ name, state, made },
    fhirBase: `${rootOf(name)}${FHIR_BASE_PATH}`,
  });
  const alone = <T>(name: string, work: Parameters<typeof withSchemaRights<T>>[2]): Promise<T> =>
    withSchemaRights(machine.schemaRights, { tenant: name, log: machine.toLog }, work);

  return {
    async make(name) {
      if (!isTenantName(name)) throw noName();
      return alone(name, async (admin) => {
        const row = await table.begin(name, machine.config.storesMax);
        if (row === undefined) throw tooMany(machine.config.storesMax);
        if (row.state !== 'making') throw taken(row);
        await makeSchema(admin, machine.schemaRights, row.schema);
        const credentials = await withTenant(parts, row, makeTenantAdministrator);
        if (!(await table.settle(row))) throw taken(row);
        const tokenUrl = `${rootOf(name)}${OAUTH_PATHS.token}`;
        return {
          tenant: tenantOf({ ...row, state: 'ready' }),
          administrator: { ...credentials, tokenUrl },
        };
      });
    },

    async remove(name) {
      if (!isTenantName(name) || (await table.find(name)) === undefined) throw unknown();
      return alone(name, async (admin) => {
        const row = await table.find(name);
        if (row === undefined) throw unknown();
        await table.leave(row);
        await tenants.close(name);
        await sleep(HEARD_MS);
        const kept = await keepLog(parts, row, `${rootOf(name)}${FHIR_BASE_PATH}`);
        await dropSchema(admin, row.schema);
        await removeFiles(machine, row, folders);
        await table.forget(row);
        return kept;
      });
    },

    all: async () => (await table.all()).map(tenantOf),
  };
}

const noName = () =>
  fhirError(
    'incorrect',
    'value',
    `The name of a tenant takes a-z, 0-9 and single hyphens between them, begins with a letter, and has at most ${TENANT_NAME_CHARS_MAX} characters.`,
    'Parameters.parameter',
  );

const taken = ({ name, state }: TenantRow) =>
  fhirError(
    'conflict',
    'duplicate',
    state === 'removing'
      ? `The removal of the tenant ${name} was begun: repeat $remove-tenant before another is made under its name.`
      : `There is a tenant ${name} already.`,
  );

const tooMany = (max: number) =>
  fhirError(
    'unprocessable',
    'too-costly',
    `There are ${max} tenants already: remove one, or raise STORES_MAX.`,
  );

const unknown = () => fhirError('not-found', 'not-found', 'There is no such tenant: see $tenants.');
