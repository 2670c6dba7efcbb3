/** Members of resources that are ordered by. */

const UCUM = 'http://unitsofmeasure.org';

export const period = (start?: string, end?: string) => ({
  status: 'final',
  code: { text: 'x' },
  effectivePeriod: { ...(start && { start }), ...(end && { end }) },
});
export const at = (effectiveDateTime: string) => ({
  status: 'final',
  code: { text: 'x' },
  effectiveDateTime,
});
export const undated = { status: 'final', code: { text: 'x' } };
export const measured = (value: number, unit?: { system?: string; code: string }, comparator?: string) => ({
  ...undated,
  valueQuantity: { value, ...unit, ...(comparator && { comparator }) },
});
export const mg = { system: UCUM, code: 'mg' };
export const g = { system: UCUM, code: 'g' };
export const named = (...families: string[]) => ({ name: families.map((family) => ({ family })) });
export const risk = (...predictions: object[]) => ({
  status: 'final',
  subject: { reference: 'Patient/a' },
  prediction: predictions,
});
export const stay = (...starts: string[]) => ({
  status: 'planned',
  class: { code: 'AMB' },
  location: starts.map((start) => ({ location: { reference: 'Location/1' }, period: { start } })),
});
export const about = (reference: string) => ({ ...undated, subject: { reference } });
export const coded = (...codes: string[]) => ({
  status: 'final',
  code: { coding: codes.map((code) => ({ system: 'urn:s', code })) },
});
