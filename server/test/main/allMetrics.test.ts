import { expect, test } from '@jest/globals';
import { errorIssue, FhirError } from '../../src/fhir/outcome.ts';
import { allMetrics } from '../../src/main/allMetrics.ts';
import { createMetrics } from '../../src/main/metrics.ts';

const FIGURES = { waiting: 3, oldestWaitingMs: 1_500, givenUp: 2, failing: 1 };

const textWith = (figures: () => Promise<typeof FIGURES>) =>
  allMetrics({ metrics: createMetrics() }, { deliveries: { figures } }).metrics();

test('tell of events that wait', async () => {
  const lines = (await textWith(() => Promise.resolve(FIGURES))).split('\n');
  expect(lines.filter((line) => line.startsWith('maxray_event'))).toEqual([
    'maxray_event_deliveries_waiting 3',
    'maxray_event_oldest_waiting_seconds 1.5',
    'maxray_event_deliveries_given_up 2',
    'maxray_event_subscriptions_failing 1',
  ]);
});

test('are the own ones of the process while the database is away', async () => {
  const away = new FhirError('busy', [errorIssue('transient', 'The database is away.')]);
  const text = await textWith(() => Promise.reject(away));
  expect(text).toContain('process_cpu_seconds_total');
  expect(text).not.toContain('maxray_event');
});

test('hide no defect', async () => {
  await expect(textWith(() => Promise.reject(new TypeError('a defect')))).rejects.toThrow('a defect');
});
