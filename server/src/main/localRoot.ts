import type { Machine } from './machine.ts';
import { TENANTS_PATH } from './tenants/tenantUrl.ts';

/** Addresses to listen on that mean all of them. */
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** By which URL processes on this machine reach the main store, or that of a tenant; without a slash at its end. */
export function localRoot(
  { config, ownPorts }: Pick<Machine, 'config' | 'ownPorts'>,
  tenant?: string,
): string {
  const host = ANY_ADDRESS.has(config.host) ? '127.0.0.1' : config.host;
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${ownPorts[0]}`;
  return tenant === undefined ? origin : `${origin}${TENANTS_PATH}${tenant}`;
}
