import type { Resource } from '../../../server/src/fhir/resource.ts';
import { median, pairedRatio, percentile } from '../measure/statistics.ts';

/** What one kind of resource costs, in microseconds each. */
export interface ValidationFigures {
  name: string;
  title: string;
  resources: number;
  p50Us: number;
  meanUs: number;
  /** The same with JSON.parse and JSON.stringify, and with Medplum's validateResource. */
  jsonUs: number;
  medplumUs: number;
  /** Medians of the rounds' ratios of means: ours / JSON, Medplum's / ours. */
  toJson: number;
  overMedplum: number;
  /** To be reached, in microseconds; `of` says by which figure. */
  target: { of: 'p50Us' | 'meanUs'; us: number };
}

export interface ValidationCase {
  name: string;
  title: string;
  resources: readonly Resource[];
  target: ValidationFigures['target'];
  ours(resource: Resource): unknown;
  medplum(resource: Resource): void;
}

const WARMUP_ROUNDS = 3;
const ROUND_CALLS_MIN = 2_000;
/** Medplum's takes so much longer that it is given a part of the resources. */
const MEDPLUM_RESOURCES = 200;

/** Measures in turn, so that a slow minute of the machine slows all three. */
export const measureValidation = async (each: ValidationCase, rounds: number): Promise<ValidationFigures> => {
  const { name, title, resources, target } = each;
  // What has to be loaded first is loaded here.
  for (const resource of resources) await each.ours(resource);
  const texts = new Map(resources.map((resource) => [resource, JSON.stringify(resource)]));
  const json = (resource: Resource): void => void JSON.stringify(JSON.parse(texts.get(resource)!));
  const fewer = resources.slice(0, MEDPLUM_RESOURCES);
  for (let i = 0; i < WARMUP_ROUNDS; i++) {
    timesUs(resources, each.ours);
    timesUs(resources, json);
  }
  timesUs(fewer, each.medplum);
  const times: number[] = [];
  const means: { ours: number[]; json: number[]; few: number[]; medplum: number[] } = {
    ours: [],
    json: [],
    few: [],
    medplum: [],
  };
  for (let round = 0; round < rounds; round++) {
    const ours = timesUs(resources, each.ours);
    times.push(...sampled(ours));
    means.ours.push(mean(ours));
    means.json.push(mean(timesUs(resources, json)));
    means.few.push(mean(timesUs(fewer, each.ours)));
    means.medplum.push(mean(timesUs(fewer, each.medplum, 1)));
  }
  return {
    name,
    title,
    resources: resources.length,
    p50Us: percentile(
      times.sort((a, b) => a - b),
      50,
    ),
    meanUs: median(means.ours),
    jsonUs: median(means.json),
    medplumUs: median(means.medplum),
    toJson: pairedRatio(means.ours, means.json),
    overMedplum: pairedRatio(means.medplum, means.few),
    target,
  };
};

const timesUs = (
  resources: readonly Resource[],
  run: (resource: Resource) => unknown,
  callsMin = ROUND_CALLS_MIN,
): Float64Array => {
  const passes = Math.ceil(callsMin / resources.length);
  const times = new Float64Array(passes * resources.length);
  let at = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (const resource of resources) {
      const startMs = performance.now();
      run(resource);
      times[at++] = (performance.now() - startMs) * 1_000;
    }
  }
  return times;
};

const mean = (times: Float64Array): number => times.reduce((sum, time) => sum + time, 0) / times.length;

/** Enough for a median. */
const sampled = (times: Float64Array): number[] => [...times.subarray(0, ROUND_CALLS_MIN)];
