import { TerminologyError } from '../issue.ts';

/** A value set that is not known here, of which one was asked about. */
export class UnknownValueSetError extends TerminologyError {
  readonly canonical: string;

  constructor(canonical: string) {
    super('not-found', {
      severity: 'error',
      code: 'not-found',
      type: 'not-found',
      id: 'Unable_to_resolve_value_Set_',
      text: `A definition for the value Set '${canonical}' could not be found${hintFor(canonical)}`,
    });
    this.canonical = canonical;
  }
}

const hintFor = (canonical: string): string =>
  canonical.includes('?fhir_vs=ecl/')
    ? ': of expressions single steps (<< 404684003) are understood, joined by AND, OR or MINUS'
    : '';

export const unknownValueSet = (canonical: string): UnknownValueSetError =>
  new UnknownValueSetError(canonical);

/** What is said of a code system, or a version of it, that is not known. @param consequence with a comma before it */
export function unknownSystemText(
  system: string,
  version: string | undefined,
  versions: readonly string[],
  consequence = 'so the code cannot be validated',
): { id: string; text: string } {
  if (version === undefined) {
    const text = `A definition for CodeSystem '${system}' could not be found, ${consequence}`;
    return { id: 'UNKNOWN_CODESYSTEM', text };
  }
  const begin = `A definition for CodeSystem '${system}' version '${version}' could not be found, ${consequence}.`;
  if (versions.length === 0)
    return {
      id: 'UNKNOWN_CODESYSTEM_VERSION_NONE',
      text: `${begin} No versions of this code system are known`,
    };
  return { id: 'UNKNOWN_CODESYSTEM_VERSION', text: `${begin} Valid versions: ${alternatives(versions)}` };
}

/** `a, b or c` */
export const alternatives = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;

export function unknownSystem(
  system: string,
  version: string | undefined,
  versions: readonly string[],
  consequence: string,
): TerminologyError {
  return new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'not-found',
    type: 'not-found',
    ...unknownSystemText(system, version, versions, consequence),
  });
}
