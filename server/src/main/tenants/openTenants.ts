import type { FhirError } from '../../fhir/outcome.ts';
import { operationOutcome } from '../../fhir/outcome.ts';
import type { TenantKeeper } from '../../records/tenants.ts';
import { readStoreSecret } from '../../store/postgres/migrations/storeSecret.ts';
import type { Lifetime } from '../lifetime.ts';
import type { TenantHandler } from '../surface.ts';
import type { TenantParts } from './openTenant.ts';
import { tenantFolders } from './tenantPlace.ts';
import { tenantKeeper } from './tenantKeeper.ts';
import { Tenants } from './tenants.ts';
import { tenantUrl } from './tenantUrl.ts';

const BASE_36 = 36;
const RETRY_AFTER_S = 2;

/** The tenants of a server. */
export interface OpenTenants {
  keeper: TenantKeeper;
  /** Begins to serve them. */
  start(): Promise<TenantHandler>;
}

/** Prepares to serve tenants; what is open of them ends with `lifetime`. */
export async function openTenants(
  { machine, main, ready }: Pick<TenantParts, 'machine' | 'main' | 'ready'>,
  lifetime: Lifetime,
): Promise<OpenTenants> {
  const { database, dataDir } = machine;
  const folders = tenantFolders(dataDir, await readStoreSecret(database, main.schema));
  let openings = 0;
  const newPrefix = () => `t${(openings += 1).toString(BASE_36)}`;
  const parts: TenantParts = { machine, main, ready, folders, newPrefix };
  const tenants = new Tenants(parts);
  lifetime.atEnd(() => tenants.stop());
  return {
    keeper: tenantKeeper(parts, tenants),
    start: async () => {
      await tenants.start();
      return handlerOf(tenants);
    },
  };
}

const handlerOf =
  (tenants: Tenants): TenantHandler =>
  (request, response, unknown) => {
    const target = tenantUrl(request.url ?? '');
    if (target === undefined) return false;
    const failed = ({ issues, retryAfterS = RETRY_AFTER_S }: FhirError): void => {
      const headers = { 'Content-Type': 'application/fhir+json', 'Retry-After': String(retryAfterS) };
      response.writeHead(503, headers).end(JSON.stringify(operationOutcome(issues)));
    };
    tenants.answer(request, response, target, { unknown, failed });
    return true;
  };
