import type { ProjectMembership } from '@medplum/fhirtypes';
import { BothAccess } from '../../access/bothAccess.ts';
import { isId } from '../../fhir/id.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import type { Memberships } from '../directory/memberships.ts';
import { agentFor } from '../provenance/writeProvenance.ts';
import type { Callers } from './callers.ts';

/** In the ProjectMembership of who may act for others: the profile for which (`valueReference`), or the type of profile (`valueCode`). */
export const ON_BEHALF_OF_EXTENSION =
  'https://maxray.example/fhir/StructureDefinition/maxray-membership-on-behalf-of';

const REFERENCE = /^(?:Patient|Practitioner|ProjectMembership|RelatedPerson)\/([A-Za-z0-9\-.]{1,64})$/;

export interface OnBehalfOfParts {
  store: Pick<Store, 'reader'>;
  memberships: Memberships;
  callers: Pick<Callers, 'ofAccount'>;
}

/** Lets callers act for others, where their membership says so: with the rights of both, and never more. */
export class OnBehalfOf {
  readonly #parts: OnBehalfOfParts;

  constructor(parts: OnBehalfOfParts) {
    this.#parts = parts;
  }

  /**
   * @param caller who sends the request
   * @param reference the header's value: `Practitioner/1`, or `ProjectMembership/1` of whoever is meant
   * @throws FhirError `incorrect`, or `forbidden`, which does not tell whether there is somebody
   */
  async of(caller: Caller, reference: string): Promise<Caller> {
    const [, id] = REFERENCE.exec(reference) ?? [];
    if (id === undefined || !isId(id)) throw notReadable();
    const own = await this.#parts.memberships.of(caller.id);
    const membership = await this.#membership(reference);
    const profile = membership?.profile?.reference;
    const account = membership?.user?.reference;
    if (!own || profile === undefined || account === undefined || !opens(own, profile)) throw notAllowed();
    return acting(caller, await this.#parts.callers.ofAccount(account), profile);
  }

  async #membership(reference: string): Promise<ProjectMembership | undefined> {
    if (!reference.startsWith('ProjectMembership/')) return this.#parts.memberships.ofProfile(reference);
    const found = await this.#parts.store.reader.read(
      'ProjectMembership',
      reference.slice('ProjectMembership/'.length),
    );
    const membership = found?.content ? (JSON.parse(found.content) as ProjectMembership) : undefined;
    return membership?.active === false ? undefined : membership;
  }
}

function opens({ extension = [] }: ProjectMembership, profile: string): boolean {
  return extension.some(
    ({ url, valueReference, valueCode }) =>
      url === ON_BEHALF_OF_EXTENSION &&
      (valueReference?.reference === profile ||
        (valueCode !== undefined && profile.startsWith(`${valueCode}/`))),
  );
}

function acting(caller: Caller, other: Caller, profile: string): Caller {
  const { client = '', user, profile: ownProfile } = caller.agent;
  const writer = { clientId: client, userId: user, profile: ownProfile };
  return {
    ...caller,
    id: `${caller.id} for ${other.id}`,
    isAdministrator: caller.isAdministrator && other.isAdministrator,
    access: bothAccess(caller, other),
    agent: { ...caller.agent, onBehalfOf: profile },
    mayBreakGlass: false, // in an emergency one acts as oneself
    bots: new Set(),
    provenance: { agent: agentFor(writer, profile) },
    // What is left behind would go on with the rights of the caller alone: it gets none.
    ...(caller.token && { token: { ...caller.token, scopes: [] } }),
  };
}

function bothAccess({ access: own }: Caller, { access: other }: Caller): Caller['access'] {
  if (own === 'unrestricted') return other;
  return other === 'unrestricted' ? own : new BothAccess(own, other);
}

const notReadable = () =>
  fhirError(
    'incorrect',
    'value',
    'X-Medplum-On-Behalf-Of takes a reference: to a Practitioner, Patient or RelatedPerson, or to a ProjectMembership.',
  );

const notAllowed = () =>
  fhirError(
    'forbidden',
    'forbidden',
    'You may not act on behalf of this one: your ProjectMembership has to say so, and whoever is meant must have one.',
  );
