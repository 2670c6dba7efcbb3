import type { JsonObject } from '../../fhir/resource.ts';
import { isObject } from '../state.ts';

const LOINC = 'http://loinc.org';
const HL7 = 'http://hl7.org/fhir/StructureDefinition/';

/** The codes by which R4 knows its vital signs, each with the profile for it (http://hl7.org/fhir/R4/observation-vitalsigns.html). */
const PROFILES: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    '85353-1': 'vitalspanel',
    '9279-1': 'resprate',
    '8867-4': 'heartrate',
    '2708-6': 'oxygensat',
    '8310-5': 'bodytemp',
    '8302-2': 'bodyheight',
    '9843-4': 'headcircum',
    '29463-7': 'bodyweight',
    '39156-5': 'bmi',
    '85354-9': 'bp',
  }),
);

/** A profile that an Observation has to conform to because of its code, whether it claims it or not. */
export interface ImpliedProfile {
  code: string;
  canonical: string;
}

/** @returns undefined where the code of the Observation is none of R4's vital signs */
export function vitalSignProfile({ code }: JsonObject): ImpliedProfile | undefined {
  const codings: unknown[] = isObject(code) && Array.isArray(code.coding) ? code.coding : [];
  for (const coding of codings) {
    if (!isObject(coding) || coding.system !== LOINC) continue;
    const profile = PROFILES.get(coding.code);
    if (profile !== undefined) return { code: String(coding.code), canonical: HL7 + profile };
  }
  return undefined;
}
