import { ConsentedAccess } from '../../access/consent/consentedAccess.ts';
import type { Withheld } from '../../access/consent/withheld.ts';
import type { AccessContext } from '../../access/context.ts';
import type { ConsentNotices } from '../../store/consents/consentNotices.ts';
import type { Belongings } from '../callers/belongings.ts';
import type { Caller } from '../caller.ts';
import type { Consents } from './consents.ts';
import type { Parties } from './parties.ts';

/** A caller by policies and scopes alone, and what consents go by. */
export interface MadeCaller {
  caller: Caller;
  context: AccessContext;
  /** `Practitioner/1` */
  profile: string | undefined;
  purposes: ReadonlySet<string> | undefined;
  /** Ids of patients of whom nothing is withheld. */
  exempt: readonly string[];
  /** When less is allowed by itself; milliseconds since 1970 UTC. */
  untilMs: number;
}

export interface ConsentedCallersParts {
  consents: Consents;
  notices: Pick<ConsentNotices, 'groups'>;
  parties: Parties;
  belongings: Pick<Belongings, 'roles'>;
}

interface Known {
  groups: string;
  is: ReadonlySet<string>;
  withheld: Withheld | undefined;
  caller: Caller;
}

/** Callers without what patients withhold from them. */
export class ConsentedCallers {
  readonly #parts: ConsentedCallersParts;
  readonly #known = new WeakMap<MadeCaller, Known>();

  constructor(parts: ConsentedCallersParts) {
    this.#parts = parts;
  }

  /** Nobody withholds anything, and that is known: callers are what policies and scopes make of them. */
  get isIdle(): boolean {
    const { consents } = this.#parts;
    return consents.isEmpty && consents.isCurrent;
  }

  /** The same object as long as nothing of it changes. @throws FhirError busy while the database is away */
  async of(made: MadeCaller): Promise<Caller> {
    const { caller, context, purposes, exempt } = made;
    const { consents } = this.#parts;
    if (caller.access === 'unrestricted') return caller;
    await consents.refresh();
    if (consents.isEmpty) return caller;
    const known = this.#known.get(made);
    const groups = `${this.#parts.notices.groups} ${consents.groups}`;
    const is = known?.groups === groups ? known.is : await this.#is(made);
    const withheld = consents.withheldFrom(context, { is, purposes });
    if (known?.is === is && known.withheld === withheld) return known.caller;
    const access = withheld ? new ConsentedAccess(caller.access, context, withheld, exempt) : caller.access;
    const consented = withheld ? { ...caller, access } : caller;
    this.#known.set(made, { groups, is, withheld, caller: consented });
    return consented;
  }

  async #is({ profile }: MadeCaller): Promise<ReadonlySet<string>> {
    return this.#parts.parties.of(profile, await this.#parts.belongings.roles(profile));
  }
}
