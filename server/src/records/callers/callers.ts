import type { AccessPolicy, ProjectMembership } from '@medplum/fhirtypes';
import type { Access } from '../../access/access.ts';
import type { AccessContext } from '../../access/context.ts';
import { createAccess } from '../../access/createAccess.ts';
import type { Variables } from '../../access/grants.ts';
import { assignedPolicies, type Assigned } from '../../access/membership.ts';
import { executableBots, mayBreakGlass, purposesOf } from '../../access/policyExtensions.ts';
import type { AuditAgent } from '../../audit/record.ts';
import { isId } from '../../fhir/id.ts';
import type { Identified } from '../../identity/ports.ts';
import type { Log } from '../../store/postgres/log.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import { ConsentedCallers, type MadeCaller } from '../consents/consentedCallers.ts';
import type { Consents } from '../consents/consents.ts';
import { Parties } from '../consents/parties.ts';
import type { Memberships } from '../directory/memberships.ts';
import { accessContext } from '../gate/policyCheck.ts';
import { agentOf as provenanceAgent } from '../provenance/writeProvenance.ts';
import { accountOf } from './accountOf.ts';
import { letAdminister, letReadPatients, letRunBots } from './scopes.ts';
import { Belongings } from './belongings.ts';

/** Callers that are remembered, with what they may do compiled; beyond that those go that came first. */
export const CALLERS_REMEMBERED_MAX = 2_000;

export interface CallersParts {
  store: Store;
  memberships: Memberships;
  /** Id of the first administrator client, which has no membership. */
  administratorId: () => string | undefined;
  consents: Consents;
  log: Log;
  /** Milliseconds since 1970 UTC. */
  nowMs?: () => number;
}

interface Known {
  made: Promise<MadeCaller>;
  /** As long as nobody withholds anything. */
  caller: Promise<Caller>;
  /** What it was made of: administration and search parameters. */
  administration: number;
  plans: number;
  /** When it ends by itself; milliseconds since 1970 UTC. */
  untilMs: number;
}

/** Policies of a caller whose membership is the configuration. */
const EVERYTHING: AccessPolicy = { resourceType: 'AccessPolicy', resource: [{ resourceType: '*' }] };
const ADMINISTRATOR: Assigned = {
  administrator: true,
  policies: [{ policy: EVERYTHING, parameters: new Map() }],
  references: [],
  faults: [],
};

/**
 * Who a request acts for, and what that one may do: from what the token says, the membership, and its policies. Remembered for as
 * long as nothing of it has changed and identity remembers the token.
 */
export class Callers {
  readonly #parts: CallersParts;
  readonly #belongings: Belongings;
  readonly #consented: ConsentedCallers;
  readonly #known = new Map<Identified, Known>();
  readonly #nowMs: () => number;
  #context: { plans: number; context: AccessContext } | undefined;

  constructor(parts: CallersParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? Date.now;
    this.#belongings = new Belongings(parts.store);
    const { consents, store } = parts;
    this.#consented = new ConsentedCallers({
      consents,
      notices: store.consentNotices,
      parties: new Parties(store, consents),
      belongings: this.#belongings,
    });
    parts.store.administration.onChanged(() => this.#known.clear());
  }

  /** @param identified what identity found; the same object as long as it believes in it */
  of(identified: Identified): Promise<Caller> {
    const { administration, plans } = this.#parts.store;
    const known = this.#known.get(identified);
    const isSame = known?.administration === administration.revision && known.plans === plans.change;
    if (isSame && (known.untilMs === Infinity || known.untilMs > this.#nowMs()))
      return this.#permitted(known);
    const made = this.#make(identified);
    const caller = made.then((one) => {
      fresh.untilMs = one.untilMs;
      return one.caller;
    });
    const fresh: Known = {
      made,
      caller,
      administration: administration.revision,
      plans: plans.change,
      untilMs: Infinity,
    };
    this.#known.delete(identified);
    this.#known.set(identified, fresh);
    caller.catch(() => this.#known.delete(identified));
    if (this.#known.size > CALLERS_REMEMBERED_MAX) this.#known.delete(this.#known.keys().next().value!);
    return this.#permitted(fresh);
  }

  /** Without what patients withhold. */
  #permitted({ made, caller }: Known): Promise<Caller> {
    return this.#consented.isIdle ? caller : made.then((one) => this.#consented.of(one));
  }

  /**
   * Who somebody is without an app between: no scopes limit it.
   *
   * @param reference `User/1` or `ClientApplication/1`
   */
  async ofAccount(reference: string): Promise<Caller> {
    const [type, id] = reference.split('/');
    const isUser = type === 'User';
    const who = { clientId: isUser ? '' : id!, scopes: [], expiresAtMs: 0 };
    return this.#consented.of(await this.#make(isUser ? { ...who, userId: id! } : who, true));
  }

  async #make(identified: Identified, unscoped = false): Promise<MadeCaller> {
    const { clientId, userId, patient } = identified;
    const id = accountOf(identified);
    const isFirst = userId === undefined && clientId === this.#parts.administratorId();
    const membership = isFirst ? undefined : await this.#parts.memberships.of(id);
    const assigned = isFirst ? ADMINISTRATOR : await this.#assigned(membership);
    const profile = identified.profile ?? membership?.profile?.reference;
    const { administrator, policies } = assigned;
    const context = this.#accessContext();
    const breaksGlass = userId !== undefined && mayBreakGlass(policies);
    const open = breaksGlass ? await this.#parts.store.emergencies.openOf(id, this.#nowMs()) : [];
    const emergencies = new Map(open.map((one) => [one.patient, one.reason]));
    const variables = await this.#belongings.variables(profile);
    const access = createAccess(context, {
      administrator,
      policies,
      variables,
      isUser: userId !== undefined,
      emergencies: [...emergencies.keys()],
      ...(unscoped ? {} : { scopes: identified.scopes }),
      ...(patient === undefined ? {} : { launchPatient: patient }),
    });
    this.#tell(
      id,
      [...assigned.faults, ...access.faults].filter(({ isOfOthers }) => isOfOthers !== true),
    );
    const agent = provenanceAgent({ clientId, userId, profile, relatedTo: relatedTo(profile, variables) });
    const caller: Caller = {
      id,
      isAdministrator: administrator && (unscoped || letAdminister(identified.scopes, userId !== undefined)),
      access: administrator && access.unlimited ? 'unrestricted' : access,
      agent: agentOf(identified, membership, assigned),
      token: identified,
      ...(agent && { provenance: { agent } }),
    };
    const bots = letRunBots(identified.scopes) ? executableBots(policies) : [];
    if (bots.length > 0) caller.bots = new Set(bots);
    // An app that may read nothing opens nothing in the user's name.
    if (breaksGlass && (unscoped || letReadPatients(identified.scopes)))
      Object.assign(caller, { mayBreakGlass: true, emergencies });
    const own = profile?.startsWith('Patient/') ? [profile.slice('Patient/'.length)] : [];
    return {
      ...{ caller, context, profile, purposes: purposesOf(policies) },
      exempt: [...own, ...emergencies.keys()],
      untilMs: Math.min(...open.map(({ expires }) => expires.getTime())),
    };
  }

  async #assigned(membership: ProjectMembership | undefined): Promise<Assigned> {
    if (!membership) return { administrator: false, policies: [], references: [], faults: [] };
    return assignedPolicies(membership, async (reference) => {
      const [type, id = ''] = reference.split('/');
      if (type !== 'AccessPolicy' || !isId(id)) return undefined;
      const found = await this.#parts.store.reader.read(type, id);
      return found?.content ? (JSON.parse(found.content) as AccessPolicy) : undefined;
    });
  }

  #accessContext(): AccessContext {
    const { store } = this.#parts;
    if (this.#context?.plans !== store.plans.change)
      this.#context = { plans: store.plans.change, context: accessContext(store) };
    return this.#context.context;
  }

  #tell(id: string, faults: Access['faults']): void {
    if (faults.length === 0) return;
    const texts = faults.map(({ expression, text }) => `${expression}: ${text}`);
    this.#parts.log('warn', `what ${id} may do is less than its policies and scopes say: ${texts.join(' ')}`);
  }
}

/** The patient whom a relative belongs to. */
function relatedTo(profile: string | undefined, variables: Variables): string | undefined {
  const patient = variables.get('patient')?.[0];
  return profile?.startsWith('RelatedPerson/') && patient && 'reference' in patient
    ? patient.reference
    : undefined;
}

/** Those who are patients, or relatives of one, stand in the log by ids alone: it outlives what is erased (decision 0039). */
const NAMELESS = /^(?:Patient|RelatedPerson)\//;

function agentOf(
  { clientId, userId, profile }: Identified,
  membership: ProjectMembership | undefined,
  { references }: Assigned,
): AuditAgent {
  const userName = NAMELESS.test(membership?.profile?.reference ?? '')
    ? undefined
    : (membership?.userName ?? membership?.user?.display);
  return {
    ...(clientId === '' ? {} : { client: clientId }),
    ...(userId === undefined ? {} : { user: userId }),
    ...(userId === undefined || userName === undefined ? {} : { userName }),
    ...(profile === undefined ? {} : { profile }),
    ...(references.length === 0 ? {} : { roles: references.map(nameOf) }),
  };
}

/** `AccessPolicy/maxray-doctor` -> `maxray-doctor`. */
const nameOf = (reference: string): string => reference.slice(reference.indexOf('/') + 1);
