import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sharedPath } from '../../support/sharedData.ts';
import { openR4, type R4 } from '../profiles/support.ts';
import { runCases, type CaseResult } from './run.ts';

const archive = sharedPath('data/fhir-validator-r4-cases.tgz');

/** Of the cases in which HL7 has an error: how many must have one here, and one that HL7 names. */
const FOUND_SHARE_MIN = 0.85;
const NAMED_SHARE_MIN = 0.6;

/** The cases that docs/conformance.md tells of, by name: the table there has one row for each reason. */
function documented(): Record<string, string> {
  const text = readFileSync('docs/conformance.md', 'utf8');
  const table = /<!-- validator cases -->([\s\S]*)<!-- end of validator cases -->/.exec(text)?.[1] ?? '';
  const verdicts: Record<string, string> = {};
  for (const row of table.split('\n')) {
    const [, verdict = '', cases = ''] = row.split('|').map((cell) => cell.trim());
    for (const [, name] of cases.matchAll(/`([^`]+)`/g)) verdicts[name!] = verdict;
  }
  return verdicts;
}

(archive ? describe : describe.skip)("the cases of HL7's validator", () => {
  let r4: R4;
  let results: CaseResult[];

  beforeAll(async () => {
    r4 = await openR4();
    results = await runCases(archive ?? '', r4);
  });
  afterAll(() => r4.remove());

  test('come out as docs/conformance.md says', () => {
    const differing = results.filter(({ verdict }) => verdict !== 'agrees');
    expect(documented()).toEqual(Object.fromEntries(differing.map(({ name, verdict }) => [name, verdict])));
  });

  test('have their errors found, and named', () => {
    const errors = results.filter(({ isError }) => isError);
    const share = (...verdicts: string[]) =>
      errors.filter(({ verdict }) => verdicts.includes(verdict)).length / errors.length;
    expect(errors.length).toBeGreaterThanOrEqual(99);
    expect(share('agrees', 'elsewhere')).toBeGreaterThanOrEqual(FOUND_SHARE_MIN);
    expect(share('agrees')).toBeGreaterThanOrEqual(NAMED_SHARE_MIN);
  });
});
