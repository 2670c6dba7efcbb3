import { functionCalls } from '../../fhir/path/functionCalls.ts';

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

/** The first function in an expression that an index cannot use; undefined when there is none. */
export function strangeFunction(expression: string): string | undefined {
  return functionCalls(expression).find((name) => !FUNCTIONS.has(name));
}
