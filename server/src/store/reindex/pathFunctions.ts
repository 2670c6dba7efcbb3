/**
 * Functions of FHIRPath (http://hl7.org/fhirpath/N1 and http://hl7.org/fhir/R4/fhirpath.html#functions) whose result
 * depends on the resource alone, and that end soon whatever is in it. Not among them: `repeat`, `aggregate` and those with
 * regular expressions, by which a single resource could stop the server.
 */
const FUNCTIONS: ReadonlySet<string> = new Set(
  `empty exists all allTrue anyTrue allFalse anyFalse subsetOf supersetOf count distinct isDistinct where select ofType is as
   single first last tail skip take intersect exclude union combine iif not extension hasValue getValue children descendants
   toBoolean convertsToBoolean toInteger convertsToInteger toDate convertsToDate toDateTime convertsToDateTime toTime
   convertsToTime toDecimal convertsToDecimal toString convertsToString toQuantity convertsToQuantity
   indexOf substring startsWith endsWith contains upper lower replace length toChars split join trim
   abs ceiling exp floor ln log power round sqrt truncate`.split(/\s+/),
);
/** Operators that may stand before a parenthesis. */
const OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'implies', 'in', 'div', 'mod']);

const STRING = /'(?:[^'\\]|\\.)*'/g;
const CALL = /([A-Za-z_]\w*)\s*\(/g;

/** The first function in an expression that an index cannot use; undefined when there is none. */
export function strangeFunction(expression: string): string | undefined {
  for (const [, name] of expression.replace(STRING, '').matchAll(CALL)) {
    if (!FUNCTIONS.has(name!) && !OPERATORS.has(name!)) return name;
  }
  return undefined;
}
