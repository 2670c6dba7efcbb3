import type { DateSpan } from '../../fhir/dates.ts';
import type { Condition } from '../../fhir/search/ast.ts';
import type { Key } from '../../store/index/rows.ts';
import { patientSet } from '../../store/search/patientSet.ts';
import type { Reach } from '../access.ts';
import type { AccessContext } from '../context.ts';
import { compartmentCondition } from '../criteria/criteria.ts';
import { asCondition, forType } from './asCondition.ts';
import type { PatientConsent } from './patientConsent.ts';
import { anyOf, textOf, type Restriction } from './restriction.ts';
import type { Doing } from './vocabulary.ts';
import { withholds, type ConsentParty } from './withholds.ts';

/** Consents in force, by the ids of their patients. */
export type ConsentsByPatient = ReadonlyMap<string, readonly PatientConsent[]>;

/**
 * Different restrictions (by labels, profiles, ...; not by single periods of data) that are put into the searches of one type. Of
 * patients with further ones everything of the type is withheld.
 */
export const RESTRICTIONS_MAX = 100;

type Spans = Map<Key, DateSpan | undefined>;
type OfPatients = Extract<Condition, { kind: 'of-patients' }>;

/** What patients withhold from one party: as conditions that no search of theirs may find. */
export class Withheld {
  readonly #context: AccessContext;
  readonly #party: ConsentParty;
  readonly #nowMs: number;
  /** Patients of whom all is withheld, whatever is done. */
  readonly #whole: ReadonlyMap<Key, undefined>;
  /** Those of whom some is, or some ways of using it. */
  readonly #partly: ConsentsByPatient;
  readonly #reaches = new Map<string, Reach>();
  #wholeSet: OfPatients['patients'] | undefined;

  private constructor(
    context: AccessContext,
    party: ConsentParty,
    nowMs: number,
    whole: Map<Key, undefined>,
    partly: ConsentsByPatient,
  ) {
    this.#context = context;
    this.#party = party;
    this.#nowMs = nowMs;
    this.#whole = whole;
    this.#partly = partly;
  }

  static of(
    context: AccessContext,
    party: ConsentParty,
    consents: ConsentsByPatient,
    nowMs: number,
  ): Withheld {
    const none = new Withheld(context, party, nowMs, new Map(), new Map());
    return none.updated(consents, consents.keys(), nowMs);
  }

  /** @param changed patients whose consents have changed, or began or ceased to be in force */
  updated(consents: ConsentsByPatient, changed: Iterable<string>, nowMs: number): Withheld {
    const whole = new Map(this.#whole);
    const partly = new Map(this.#partly);
    for (const patient of changed) {
      const key = this.#context.index.selfKey('Patient', patient);
      whole.delete(key);
      partly.delete(patient);
      const own = consents.get(patient) ?? [];
      const asking = { party: this.#party, nowMs };
      const concerning = own.filter((one) => withholds(one, asking) !== false);
      if (concerning.some(({ isPlain }) => isPlain)) whole.set(key, undefined);
      else if (concerning.length > 0) partly.set(patient, concerning);
    }
    return new Withheld(this.#context, this.#party, nowMs, whole, partly);
  }

  /** Patients of whom something is withheld. */
  get size(): number {
    return this.#whole.size + this.#partly.size;
  }

  /** Which resources of a type are withheld from what is done. */
  reach(type: string, doing: Doing): Reach {
    const key = `${type}/${doing}`;
    let reach = this.#reaches.get(key);
    if (reach === undefined) this.#reaches.set(key, (reach = this.#reach(type, doing)));
    return reach;
  }

  #reach(type: string, doing: Doing): Reach {
    const { definitions } = this.#context;
    if (this.size === 0 || !definitions.compartment('Patient')!.resource.has(type)) return false;
    const { whole, dated, groups } = this.#sorted(type, doing);
    const wholeSet =
      whole.size > 0
        ? patientSet(new Map([...this.#whole, ...whole]))
        : (this.#wholeSet ??= patientSet(this.#whole));
    const conditions = [
      ...(wholeSet.spans.size > 0 ? [this.#ofPatients(type, wholeSet)] : []),
      ...(dated.size > 0 ? [this.#ofPatients(type, patientSet(dated))] : []),
      ...groups.map(({ restriction, patients }): Condition => {
        const own = asCondition(this.#context, type, restriction) as Condition;
        return { kind: 'and', conditions: [this.#ofPatients(type, patientSet(patients)), own] };
      }),
    ];
    if (conditions.length < 2) return conditions[0] ?? false;
    return { kind: 'or', conditions };
  }

  /** Patients by what they withhold of a type. */
  #sorted(type: string, doing: Doing) {
    const whole: Spans = new Map();
    const dated: Spans = new Map();
    const groups = new Map<string, { restriction: Restriction; patients: Spans }>();
    for (const [patient, consents] of this.#partly) {
      const key = this.#context.index.selfKey('Patient', patient);
      const restriction = forType(type, this.#restriction(consents, type, doing));
      if (restriction === false) continue;
      const text = textOf(restriction);
      if (restriction === true) whole.set(key, undefined);
      else if (restriction.kind === 'overlapping') dated.set(key, restriction.span);
      else if (groups.has(text)) groups.get(text)!.patients.set(key, undefined);
      else if (groups.size < RESTRICTIONS_MAX)
        groups.set(text, { restriction, patients: new Map([[key, undefined]]) });
      else whole.set(key, undefined);
    }
    return { whole, dated, groups: [...groups.values()] };
  }

  /** Whoever may not see something may not change it either. */
  #restriction(consents: readonly PatientConsent[], type: string, doing: Doing): Restriction {
    const doings: Doing[] = doing === 'change' ? ['read', 'change'] : [doing];
    const asked = doings.map((one) => ({
      party: this.#party,
      nowMs: this.#nowMs,
      about: { type, doing: one },
    }));
    return anyOf(...consents.flatMap((consent) => asked.map((asking) => withholds(consent, asking))));
  }

  #ofPatients(type: string, patients: OfPatients['patients']): OfPatients {
    const own = compartmentCondition(this.#context, type, 'Patient/any');
    if (own.kind !== 'compartment') throw new Error(`the compartment of a ${type} is no condition`);
    return { kind: 'of-patients', patients, parameters: own.parameters, self: own.self };
  }
}
