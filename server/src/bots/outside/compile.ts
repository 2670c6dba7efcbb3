import * as core from '@medplum/core';
import { fhirError } from '../../fhir/outcome.ts';
import { stripTypes } from './stripTypes.ts';

/** Named imports of Medplum's packages. Names have no brace: so each piece of the code is looked at once, wherever it begins as an import. */
const IMPORT = /^([ \t]*)import\s*\{([^{}]*)\}\s*from\s*(['"])@medplum\/(core|fhirtypes)\3[ \t]*;?/gm;

/**
 * Code without types, line for line; JavaScript is parsed as well, and stays as it is. Medplum's bots import types as if they were values: what
 * its packages do not have at run time is left out.
 *
 * @throws FhirError `unprocessable` where it cannot be parsed
 */
export async function compile(code: string, isTypeScript: boolean): Promise<string> {
  const stripped = await stripTypes(code);
  if ('code' in stripped) return isTypeScript ? stripped.code.replace(IMPORT, withoutTypes) : code;
  const [line = ''] = stripped.fault.split('\n');
  throw fhirError('unprocessable', 'structure', `The code cannot be parsed: ${line.slice(0, 300)}`);
}

function withoutTypes(whole: string, indent: string, names: string, quote: string, name: string): string {
  const kept = names.split(',').filter((one) => Object.hasOwn(core, one.trim().split(/\s/)[0]!));
  const lines = '\n'.repeat(whole.split('\n').length - 1);
  if (name === 'fhirtypes' || kept.length === 0) return lines;
  return `${indent}import { ${kept.map((one) => one.trim()).join(', ')} } from ${quote}@medplum/core${quote};${lines}`;
}
