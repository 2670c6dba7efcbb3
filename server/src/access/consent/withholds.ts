import { allOf, anyOf, not, type Restriction } from './restriction.ts';
import type { PatientConsent } from './patientConsent.ts';
import type { Party, Provision } from './provision.ts';
import { DENYING, isPurpose, PERMITTING, type Doing } from './vocabulary.ts';

/** Who asks, as consents know it. */
export interface ConsentParty {
  /** `Type/id` of who it is and what he or she belongs to, and `system|code` of roles. */
  is: ReadonlySet<string>;
  /** Codes of v3-ActReason; undefined: for any purpose. */
  purposes: ReadonlySet<string> | undefined;
}

/** What a question is about, besides the resource itself. */
export interface Asking {
  party: ConsentParty;
  nowMs: number;
  /** Absent: whatever is done, with any type; what a denial withholds of some counts, and no permission. */
  about?: { type: string; doing: Doing };
}

/** What is surely and what is possibly meant: the same, where all is understood. */
interface Meant {
  surely: Restriction;
  possibly: Restriction;
}

/**
 * Which resources of the patient a Consent withholds. A denial counts for whatever it possibly means, a permission for
 * what it surely means; among provisions of one level a denial goes before a permission, and those within go before those around them.
 */
export function withholds({ isOptOut, root }: PatientConsent, asking: Asking): Restriction {
  return root ? withProvision(root, asking, { surely: true, possibly: true }, isOptOut) : isOptOut;
}

function withProvision(
  provision: Provision,
  asking: Asking,
  around: Meant,
  before: Restriction,
): Restriction {
  const own = meantBy(provision, asking);
  const meant = {
    surely: allOf(around.surely, own.surely),
    possibly: allOf(around.possibly, own.possibly),
  };
  const { effect, nested } = provision;
  const after = effect === 'deny' ? anyOf(before, meant.possibly) : allOf(before, not(meant.surely));
  const byEffect = [...nested].sort((a, b) => Number(a.effect === 'deny') - Number(b.effect === 'deny'));
  return byEffect.reduce((withheld, one) => withProvision(one, asking, meant, withheld), after);
}

function meantBy(provision: Provision, { party, nowMs, about }: Asking): Meant {
  const { period, actors, actions, purposes, types, profiles, labels, dataPeriod, data } = provision;
  const meant: Meant[] = [{ surely: !provision.unclear, possibly: true }];
  const add = (surely: Restriction, possibly = surely) => meant.push({ surely, possibly });
  if (period) add(nowMs >= period.loMs && nowMs <= period.hiMs);
  if (actors) {
    const isMeant = actors.any.some((one) => isParty(party, one));
    add(isMeant, isMeant || actors.unclear);
  }
  if (purposes) {
    const wanted = new Set(purposes.any);
    const own = party.purposes && [...party.purposes];
    const isAll = own !== undefined && own.every((code) => isPurpose(code, wanted));
    const isSome = own === undefined || own.some((code) => isPurpose(code, wanted));
    add(isAll, isSome || purposes.unclear);
  }
  if (!about) {
    const isLimited = [actions, types, labels, dataPeriod, data].some((part) => part !== undefined);
    if (isLimited) add(false, true);
    return together(meant);
  }
  const { type, doing } = about;
  if (actions) {
    const denied = DENYING[doing].some((action) => actions.any.includes(action));
    add(actions.any.includes(PERMITTING[doing]), denied || actions.unclear);
  }
  if (types) {
    const isType = types.any.includes(type);
    const own: Restriction = profiles ? anyOf(isType, { kind: 'profiled', profiles }) : isType;
    add(own, types.unclear || own);
  }
  if (labels)
    add({ kind: 'labelled', labels: labels.permitted }, { kind: 'labelled', labels: labels.denied });
  if (dataPeriod) add({ kind: 'within', span: dataPeriod }, { kind: 'overlapping', span: dataPeriod });
  if (data) {
    const ids = data.any.flatMap((one) => (one.startsWith(`${type}/`) ? [one.slice(type.length + 1)] : []));
    const named: Restriction = ids.length === 0 ? false : { kind: 'named', ids };
    add(named, data.unclear || named);
  }
  return together(meant);
}

const together = (meant: readonly Meant[]): Meant => ({
  surely: allOf(...meant.map(({ surely }) => surely)),
  possibly: allOf(...meant.map(({ possibly }) => possibly)),
});

const isParty = ({ is }: ConsentParty, party: Party): boolean =>
  'reference' in party ? is.has(party.reference) : party.roles.some((role) => is.has(role));
