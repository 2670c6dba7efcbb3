import type { Resource } from '@medplum/fhirtypes';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** One thing that a validator must say of an example. */
export interface ExpectedIssue {
  /** Id of the rule: the key of an invariant, or the validator's own id. */
  rule: string;
  /** FHIRPath of the element at fault. */
  expression: string;
}

/** An example of a profile. */
export interface Example {
  /** Id of the profile. */
  profile: string;
  /** Name of the file without `.json`: `passes`, or `fails-` and how. */
  name: string;
  resource: Resource;
  /** Of one that fails: why it must. */
  why?: string;
  /** All errors that a validator must find against the profile, in the order of the document; none if it passes. */
  issues: readonly ExpectedIssue[];
}

const EXAMPLES = path.join(import.meta.dirname, '..', 'examples');
/** Says of each example in the folder that fails why it does. */
const EXPECTED = 'expected.json';

/** All examples, by profile and name. Reads the files anew at each call. */
export function loadExamples(): Example[] {
  return readdirSync(EXAMPLES).sort().flatMap(examplesOf);
}

function examplesOf(profile: string): Example[] {
  const read = (file: string) => JSON.parse(readFileSync(path.join(EXAMPLES, profile, file), 'utf8'));
  const expected: Record<string, Pick<Example, 'why' | 'issues'>> = read(EXPECTED);
  const files = readdirSync(path.join(EXAMPLES, profile)).filter((file) => file !== EXPECTED);
  return files.sort().map((file) => {
    const name = path.basename(file, '.json');
    return { profile, name, resource: read(file), issues: [], ...expected[name] };
  });
}
