import { DISCOVERY_PATHS } from '../../identity/paths.ts';
import { isTenantName } from '../../store/tenants/tenantTable.ts';

/** Below it are the stores of tenants, each below its name. */
export const TENANTS_PATH = '/t/';

export interface TenantUrl {
  name: string;
  /** What follows the tenant's root: begins with a slash. */
  url: string;
}

/**
 * Reads the target of a request: `/t/city/fhir/R4` is `/fhir/R4` of `city`. Names are compared by character, so that nothing that is
 * percent-encoded is one.
 */
export function tenantUrl(target: string): TenantUrl | undefined {
  if (!target.startsWith(TENANTS_PATH)) return wellKnown(target);
  const end = target.slice(TENANTS_PATH.length).search(/[/?]/);
  const name = end < 0 ? target.slice(TENANTS_PATH.length) : target.slice(TENANTS_PATH.length).slice(0, end);
  const rest = target.slice(TENANTS_PATH.length + name.length);
  return isTenantName(name) ? { name, url: rest.startsWith('/') ? rest : `/${rest}` } : undefined;
}

/** RFC 8414, 3: the well-known part stands before the path of the issuer. */
function wellKnown(target: string): TenantUrl | undefined {
  for (const path of DISCOVERY_PATHS) {
    if (!target.startsWith(`${path}${TENANTS_PATH}`)) continue;
    const found = tenantUrl(target.slice(path.length));
    const query = found?.url.replace(/^\/(?=\?|$)/, '');
    if (found && query !== undefined && !query.startsWith('/'))
      return { name: found.name, url: path + query };
  }
  return undefined;
}
