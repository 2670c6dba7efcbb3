import { dateSpan } from '../../fhir/dates.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { Coding } from './request.ts';
import { isUnitCode, UCUM_SYSTEM } from './unitConversion.ts';

/** A value that an observation or a component of one states, or should. */
export interface Measurement {
  /** The same for the same value, whichever code it was found by. */
  id: string;
  atMs?: number;
  /** Absent: no valid value in a UCUM unit. */
  quantity?: { value: number; code: string; unit: string };
}

/** Measurements of one code. */
export interface CodeGroup {
  code: JsonObject;
  measurements: Map<string, Measurement>;
}

/** An observation as plain JSON. */
export type Observation = JsonObject;

/** Nested panels that are looked into. */
const PANEL_DEPTH_MAX = 8;

/**
 * Gathers what observations say about the codes that are asked for: their own value, those of their components, and for
 * panels (which have no value of their own) those of all components and members, by code
 * (http://hl7.org/fhir/R4/observation-operation-stats.html).
 */
export class Measurements {
  readonly #groups = new Map<string, CodeGroup>();
  /** Codes that were asked for and turned out to be those of panels. */
  readonly #panels = new Set<string>();
  readonly #asked: readonly Coding[];

  constructor(asked: readonly Coding[]) {
    this.#asked = asked;
  }

  /**
   * @param observation one that has an asked code, itself or in a component
   * @param memberOf finds what a reference leads to, if it counts
   */
  add(observation: Observation, memberOf: (reference: string) => Observation | undefined): void {
    const codes = this.#askedIn(observation.code);
    if (codes.length > 0 && isPanel(observation)) {
      if (this.#addParts(observation, memberOf, 0))
        for (const coding of codes) this.#panels.add(keyOf(askedCode(coding)));
    } else for (const coding of codes) this.#put(askedCode(coding), ownMeasurement(observation));
    componentsOf(observation).forEach((component, i) => {
      for (const coding of this.#askedIn(component.code)) {
        this.#put(askedCode(coding), componentMeasurement(observation, component, i));
      }
    });
  }

  /**
   * By the codes that were asked for, in their order, then those of panels' parts. A code that nothing was found for has
   * an empty group; that of a panel only has one where it was a plain code as well.
   */
  groups(): CodeGroup[] {
    const keys = new Set<string>();
    for (const coding of this.#asked) {
      const key = keyOf(askedCode(coding));
      if (!this.#groups.has(key) && this.#panels.has(key)) continue;
      this.#group(askedCode(coding));
      keys.add(key);
    }
    for (const key of this.#groups.keys()) keys.add(key);
    return [...keys].map((key) => this.#groups.get(key)!);
  }

  /** @returns whether there were any */
  #addParts(
    panel: Observation,
    memberOf: (reference: string) => Observation | undefined,
    depth: number,
  ): boolean {
    const components = componentsOf(panel);
    components.forEach((component, i) => {
      this.#put(partCode(component.code), componentMeasurement(panel, component, i));
    });
    let found = components.length > 0;
    for (const { reference } of list(panel.hasMember)) {
      const member = typeof reference === 'string' ? memberOf(reference) : undefined;
      if (member === undefined) continue;
      if (!isPanel(member)) this.#put(partCode(member.code), ownMeasurement(member));
      else if (depth === PANEL_DEPTH_MAX || !this.#addParts(member, memberOf, depth + 1)) continue;
      found = true;
    }
    return found;
  }

  #askedIn(code: unknown): Coding[] {
    const codings = list((code as JsonObject | undefined)?.coding);
    return this.#asked.filter((asked) =>
      codings.some(({ system, code }) => system === asked.system && code === asked.code),
    );
  }

  #put(code: JsonObject, measurement: Measurement): void {
    this.#group(code).measurements.set(measurement.id, measurement);
  }

  #group(code: JsonObject): CodeGroup {
    const key = keyOf(code);
    let group = this.#groups.get(key);
    if (!group) this.#groups.set(key, (group = { code, measurements: new Map() }));
    return group;
  }
}

function isPanel(observation: Observation): boolean {
  const hasValue = Object.keys(observation).some((name) => /^value[A-Z]/.test(name));
  return !hasValue && list(observation.component).length + list(observation.hasMember).length > 0;
}

const askedCode = (coding: Coding): JsonObject => ({ coding: [coding] });

/** The code of a part, without what the record's author wrote beside it. */
function partCode(code: unknown): JsonObject {
  const { coding, text } = (code ?? {}) as JsonObject;
  return { ...(coding !== undefined && { coding }), ...(text !== undefined && { text }) };
}

/** Codes are the same when their first codings are; those without, when their texts are. */
function keyOf({ coding, text }: JsonObject): string {
  const first = list(coding).find(({ code }) => code !== undefined);
  return JSON.stringify(first ? [first.system ?? null, first.code] : [text ?? null]);
}

function ownMeasurement(observation: Observation): Measurement {
  return measurement(String(observation.id), observation, observation);
}

function componentMeasurement(observation: Observation, component: JsonObject, i: number): Measurement {
  return measurement(`${String(observation.id)}/${i}`, observation, component);
}

/** A modifier that is not known may turn the value round: such a value does not count. */
function measurement(id: string, observation: Observation, part: JsonObject): Measurement {
  const atMs = timeOf(observation);
  const isModified = observation.modifierExtension !== undefined || part.modifierExtension !== undefined;
  const quantity = isModified ? undefined : quantityOf(part.valueQuantity as JsonObject | undefined);
  return { id, ...(atMs !== undefined && { atMs }), ...(quantity && { quantity }) };
}

function quantityOf(quantity: JsonObject | undefined): Measurement['quantity'] {
  const { value, comparator, system, code, unit, modifierExtension } = quantity ?? {};
  if (typeof value !== 'number' || comparator !== undefined || modifierExtension !== undefined)
    return undefined;
  if (system !== UCUM_SYSTEM || typeof code !== 'string' || !isUnitCode(code)) return undefined;
  return { value, code, unit: typeof unit === 'string' ? unit : code };
}

/** When it was observed, or began to be. */
function timeOf({ effectiveDateTime, effectiveInstant, effectivePeriod }: Observation): number | undefined {
  const text = effectiveDateTime ?? effectiveInstant ?? (effectivePeriod as JsonObject | undefined)?.start;
  return typeof text === 'string' ? dateSpan(text)?.loMs : undefined;
}

const componentsOf = (observation: Observation) => list(observation.component);
const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);
