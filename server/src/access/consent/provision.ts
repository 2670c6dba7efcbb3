import type {
  Coding,
  Consent,
  ConsentProvision,
  ConsentProvisionActor,
  ConsentProvisionData,
  Period,
} from '@medplum/fhirtypes';
import { dateSpan, type DateSpan } from '../../fhir/dates.ts';
import type { TokenValue } from '../../fhir/search/ast.ts';
import * as is from './vocabulary.ts';

/** One of several things that must be so for a provision to be about something. `unclear`: part of it is not understood. */
interface Criterion<T> {
  any: readonly T[];
  unclear: boolean;
}

/** Who is meant: by a reference, or by what he or she works as (`system|code`). */
export type Party = { reference: string } | { roles: readonly string[] };

/** A provision as it is understood. What is absent limits nothing. */
export interface Provision {
  effect: 'deny' | 'permit';
  /** When it is in force. */
  period?: DateSpan;
  actors?: Criterion<Party>;
  actions?: Criterion<string>;
  purposes?: Criterion<string>;
  types?: Criterion<string>;
  profiles?: readonly string[];
  labels?: { denied: readonly TokenValue[]; permitted: readonly TokenValue[] };
  dataPeriod?: DateSpan;
  /** `Type/id` of single resources. */
  data?: Criterion<string>;
  /** It has a criterion that is not understood at all. */
  unclear: boolean;
  nested: readonly Provision[];
}

/** Most provisions of one Consent, and how deeply they may be nested. */
export const PROVISIONS_MAX = 100;
export const PROVISION_DEPTH_MAX = 8;

/** A Consent has more provisions, or deeper ones, than are understood. */
export class TooManyProvisions extends Error {}

/** What a Consent says: whether nothing may be done but what its provision permits, and that. */
export interface Provisions {
  isOptOut: boolean;
  root?: Provision;
}

/**
 * The provisions of a Consent (http://hl7.org/fhir/R4/consent.html). A root without a type is an exception to the base policy where it
 * has any criterion but a period; else the base policy holds in that period.
 *
 * @param local `Type/id` of a reference to a resource here; undefined: another @throws TooManyProvisions
 */
export function readProvisions(
  { policyRule, provision }: Consent,
  local: (reference: string | undefined) => string | undefined,
): Provisions {
  const isOptOut = is.codesOf(policyRule, is.ACT_CODES).some((code) => is.OPT_OUT.has(code));
  if (!provision) return { isOptOut };
  const root = new Reader(local).read(provision, 1);
  if (provision.type !== undefined) return { isOptOut, root };
  const isException = hasCriteria(root);
  const effect = isException === isOptOut ? 'permit' : 'deny';
  return { isOptOut: isOptOut && isException, root: { ...root, effect } };
}

/** Whether it is about some only, whenever. */
export const hasCriteria = ({ actors, purposes, unclear, ...rest }: Provision): boolean =>
  unclear || actors !== undefined || purposes !== undefined || dependsOnData(rest);

/** Whether it is about some resources or ways of using them only. */
export const dependsOnData = (
  one: Pick<Provision, 'actions' | 'types' | 'labels' | 'dataPeriod' | 'data'>,
): boolean =>
  [one.actions, one.types, one.labels, one.dataPeriod, one.data].some((part) => part !== undefined);

class Reader {
  readonly #local: (reference: string | undefined) => string | undefined;
  #read = 0;

  constructor(local: (reference: string | undefined) => string | undefined) {
    this.#local = local;
  }

  read(written: ConsentProvision, depth: number): Provision {
    this.#read += 1;
    if (this.#read > PROVISIONS_MAX || depth > PROVISION_DEPTH_MAX) throw new TooManyProvisions();
    const period = spanOf(written.period);
    const dataPeriod = spanOf(written.dataPeriod);
    const provision: Provision = {
      // A nested one must say what it is: one that does not is taken for the stricter.
      effect: written.type === 'permit' ? 'permit' : 'deny',
      unclear:
        isThere(written.code) ||
        isThere(written.modifierExtension) ||
        period === 'unclear' ||
        dataPeriod === 'unclear',
      nested: (written.provision ?? []).map((one) => this.read(one, depth + 1)),
    };
    if (typeof period === 'object') provision.period = period;
    if (typeof dataPeriod === 'object') provision.dataPeriod = dataPeriod;
    if (isThere(written.actor)) provision.actors = this.#actors(written.actor);
    if (isThere(written.action)) {
      const codes = written.action.map((one) =>
        is.codesOf(one, is.ACTIONS).filter((code) => is.KNOWN_ACTIONS.has(code)),
      );
      provision.actions = { any: codes.flat(), unclear: codes.some(({ length }) => length === 0) };
    }
    if (isThere(written.purpose)) {
      const any = is.codesOf(written.purpose, is.PURPOSES);
      provision.purposes = { any, unclear: any.length < written.purpose.length };
    }
    if (isThere(written.class)) Object.assign(provision, classes(written.class));
    if (isThere(written.securityLabel)) provision.labels = labelsOf(written.securityLabel);
    if (isThere(written.data)) provision.data = this.#data(written.data);
    return provision;
  }

  #actors(actors: readonly ConsentProvisionActor[]): Criterion<Party> {
    const parties = actors.map((actor) => this.#party(actor));
    const any = parties.filter((party) => party !== undefined);
    return { any, unclear: any.length < parties.length };
  }

  #party({ role, reference }: ConsentProvisionActor): Party | undefined {
    const named = this.#local(reference?.reference);
    const roles = (role?.coding ?? []).filter(({ system }) => is.ROLE_SYSTEMS.has(system ?? ''));
    const isRecipient = is.codesOf(role, is.PARTICIPATIONS).some((code) => is.RECIPIENTS.has(code));
    if (named !== undefined && PARTIES.test(named) && (isRecipient || roles.length > 0))
      return { reference: named };
    if (reference?.reference !== undefined || roles.length === 0) return undefined;
    return { roles: roles.map(({ system, code }) => `${system}|${code}`) };
  }

  #data(data: readonly ConsentProvisionData[]): Criterion<string> {
    const named = data.map(({ meaning, reference }) =>
      meaning === 'instance' ? this.#local(reference?.reference) : undefined,
    );
    const any = named.filter((one) => one !== undefined);
    return { any, unclear: any.length < named.length };
  }
}

const PARTIES = /^(Practitioner|PractitionerRole|Organization|CareTeam|Patient|RelatedPerson|Device)\//;

const isThere = <T>(list: readonly T[] | undefined): list is readonly T[] => (list?.length ?? 0) > 0;

function spanOf(period: Period | undefined): DateSpan | 'unclear' | undefined {
  if (!period) return undefined;
  const [start, end] = [period.start, period.end].map((text) =>
    text === undefined ? undefined : (dateSpan(text) ?? 'unclear'),
  );
  if (start === 'unclear' || end === 'unclear') return 'unclear';
  return { loMs: start?.loMs ?? -Infinity, hiMs: end?.hiMs ?? Infinity };
}

function classes(codings: readonly Coding[]): Pick<Provision, 'types' | 'profiles'> {
  const types = is.codesOf(codings, is.RESOURCE_TYPES);
  const profiles = is
    .codesOf(codings, is.PROFILES)
    .map((code) => (code.includes(':') ? code : `${is.PROFILES}/${code}`));
  const unclear = types.length + profiles.length < codings.length;
  return { types: { any: types, unclear }, ...(profiles.length > 0 && { profiles }) };
}

function labelsOf(codings: readonly Coding[]): Provision['labels'] {
  const towards = (direction: 'more' | 'less') =>
    codings.flatMap(({ system, code = '' }): TokenValue[] => {
      if (system === undefined) return [{ code }];
      const codes = system === is.CONFIDENTIALITY ? is.confidentialities(code, direction) : [code];
      return codes.map((one) => ({ system, code: one }));
    });
  return { denied: towards('more'), permitted: towards('less') };
}
