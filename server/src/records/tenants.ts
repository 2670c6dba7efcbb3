import { fhirError } from '../fhir/outcome.ts';
import type { Caller } from './caller.ts';

/** A tenant: a store beside the main one, with users and clients of its own. */
export interface Tenant {
  name: string;
  /** `making`, `removing`: it was begun, and has to be repeated where nobody is at it. */
  state: 'making' | 'ready' | 'removing';
  made: Date;
  /** Absolute URL of its FHIR base. */
  fhirBase: string;
}

/** The client by which a tenant is administered at first; its secret is shown once. */
export interface TenantAdministrator {
  clientId: string;
  clientSecret: string;
  /** Where it gets tokens. */
  tokenUrl: string;
}

/** Makes and removes tenants. */
export interface TenantKeeper {
  /** @throws FhirError for a name that is none, or taken; busy while it is being made or removed */
  make(name: string): Promise<{ tenant: Tenant; administrator: TenantAdministrator }>;
  /** Removes all that it has but its audit log, which is kept in a file. @returns SHA-256 of that, where there was one @throws FhirError not-found */
  remove(name: string): Promise<string | undefined>;
  /** By name. */
  all(): Promise<Tenant[]>;
}

/** The door to the tenants of an installation, for the administrators of its main store. */
export class TenantRecords {
  readonly #keeper: TenantKeeper;

  constructor(keeper: TenantKeeper) {
    this.#keeper = keeper;
  }

  make(caller: Caller, name: string) {
    requireAdministrator(caller);
    tell(caller, 'create-tenant', name);
    return this.#keeper.make(name);
  }

  /** The log of the main store has the hash of the log that is kept, so that it can be told from another. */
  async remove(caller: Caller, name: string): Promise<void> {
    requireAdministrator(caller);
    tell(caller, 'remove-tenant', name);
    const kept = await this.#keeper.remove(name);
    if (kept !== undefined) tell(caller, 'remove-tenant', name, `&log=sha256:${kept}`);
  }

  all(caller: Caller): Promise<Tenant[]> {
    requireAdministrator(caller);
    return this.#keeper.all();
  }
}

function requireAdministrator({ isAdministrator, access }: Caller): void {
  if (isAdministrator && access === 'unrestricted') return;
  throw fhirError(
    'forbidden',
    'forbidden',
    'Tenants are for administrators of the main store who may see everything.',
  );
}

/** The body does not stand in the audit log, and of which tenant it speaks must. */
function tell({ trail }: Caller, operation: string, name: string, more = ''): void {
  trail?.asks({ query: `$${operation}?name=${encodeURIComponent(name)}${more}` });
}
