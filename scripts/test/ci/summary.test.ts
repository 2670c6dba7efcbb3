import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'maxray-summary-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the summary over tests with these statuses; `stages` are the stages that failed. */
function summary(statuses: string[], stages: string[] = [], numRuntimeErrorTestSuites = 0) {
  const file = path.join(folder, 'jest.json');
  const count = (status: string): number => statuses.filter((each) => each === status).length;
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}` }));
  const result = {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numRuntimeErrorTestSuites,
    testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }],
  };
  writeFileSync(file, JSON.stringify(result));
  const { status, stdout } = spawnSync(process.execPath, ['scripts/ci/summary.mjs', file, ...stages], {
    encoding: 'utf8',
  });
  return { status, lines: stdout.trim().split('\n') };
}

describe('the summary of .ci/run', () => {
  test('is one line when all is well', () => {
    expect(summary(['passed', 'passed'])).toEqual({ status: 0, lines: ['2 passed, 0 failed'] });
  });

  test.each(['failed', 'pending', 'skipped', 'todo'])('fails and names a test that is %s', (status) => {
    const { status: exit, lines } = summary(['passed', status]);
    expect(exit).toBe(1);
    expect(lines[0]).toBe(`${status}: test 1`);
    expect(lines.at(-1)).toBe(`1 passed, ${status === 'failed' ? 1 : 0} failed`);
  });

  test('fails for a failed stage although every test passed', () => {
    expect(summary(['passed'], ['lint'])).toEqual({
      status: 1,
      lines: ['The stage "lint" failed.', '1 passed, 0 failed'],
    });
  });

  test('counts a test file that could not run as failed, and no test at all as a failure', () => {
    expect(summary(['passed'], ['tests'], 1)).toMatchObject({
      status: 1,
      lines: [expect.any(String), '1 passed, 1 failed'],
    });
    expect(summary([])).toMatchObject({ status: 1, lines: ['No test ran.', '0 passed, 0 failed'] });
  });
});
