/**
 * The closing lines of .ci/run. Arguments: jest's JSON result, then the names of the stages that failed.
 * Ends with 1 where a stage or a test failed, or a test was skipped.
 */
import { existsSync, readFileSync } from 'node:fs';

const [resultFile, ...failedStages] = process.argv.slice(2);
const problems = failedStages.map((name) => `The stage "${name}" failed.`);
let passed = 0;
let failed = 0;

if (existsSync(resultFile)) {
  const result = JSON.parse(readFileSync(resultFile, 'utf8'));
  passed = result.numPassedTests;
  // A file that could not run at all holds no failed test, but is a failure.
  failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  for (const suite of result.testResults) {
    for (const { status, fullName } of suite.assertionResults) {
      if (status !== 'passed') problems.push(`${status}: ${fullName}`);
    }
    if (suite.status === 'failed' && suite.assertionResults.length === 0)
      problems.push(`did not run: ${suite.name}`);
  }
  if (passed === 0) problems.push('No test ran.');
} else {
  problems.push('The tests left no result.');
}

for (const problem of problems) console.log(problem);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = problems.length > 0 ? 1 : 0;
