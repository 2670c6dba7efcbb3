/**
 * UCUM's arbitrary units (https://ucum.org/ucum, section 3.2): they have no ratio to other units, but are units as others are, with
 * prefixes and powers, so that 5 m[IU]/L is 5 u[IU]/mL.
 */
const ARBITRARY_UNITS = [
  ...['[IU]', '[iU]', "[arb'U]", "[USP'U]", "[GPL'U]", "[MPL'U]", "[APL'U]", "[beth'U]", "[anti'Xa'U]"],
  ...["[todd'U]", "[dye'U]", "[smgy'U]", "[bdsk'U]", "[ka'U]", "[knk'U]", "[mclg'U]", "[tb'U]"],
  ...['[CCID_50]', '[TCID_50]', '[EID_50]', '[PFU]', '[FFU]', '[CFU]', '[IR]', '[BAU]', '[AU]'],
  ...["[Amb'a'1'U]", '[PNU]', '[Lf]', "[D'ag'U]", '[FEU]', '[ELU]', '[EU]'],
];

const ANY = new RegExp(ARBITRARY_UNITS.map(escaped).join('|'), 'g');

/** A base unit that no unit of medicine is measured by together with an arbitrary one. */
export const STAND_IN = 'cd';

/** A code with a base unit in the place of its arbitrary unit, and which that is; undefined without one, or with several. */
export function standIn(code: string): { code: string; unit: string } | undefined {
  // Most codes have no bracket.
  if (!code.includes('[')) return undefined;
  const units = new Set((code.match(ANY) ?? []).map(sameUnit));
  const [unit, ...others] = units;
  return unit === undefined || others.length > 0 ? undefined : { code: code.replace(ANY, STAND_IN), unit };
}

/** UCUM has two codes for the international unit. */
const sameUnit = (unit: string): string => (unit === '[iU]' ? '[IU]' : unit);

function escaped(text: string): string {
  return text.replaceAll('[', '\\[').replaceAll(']', '\\]');
}
