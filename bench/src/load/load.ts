import type { DataPlan } from '../data/plan.ts';
import { resourceCount } from '../data/resources.ts';
import { FHIR_BASE } from '../processes/fhirBase.ts';
import { headersFor, LOOPBACK, type Place } from '../processes/target.ts';
import { bundles, type LoadBundle } from './bundles.ts';

/** How many bundles are under way at a time. */
const CONNECTIONS = 4;
const ERROR_TEXT_CHARS = 500;

export interface LoadReport {
  resources: number;
  seconds: number;
  resourcesPerSecond: number;
  bytes: number;
}

const post = async (place: Place, bundle: LoadBundle): Promise<void> => {
  const response = await fetch(`http://${LOOPBACK}:${place.port}${FHIR_BASE}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/fhir+json',
      accept: 'application/fhir+json',
      ...headersFor(place),
    },
    body: bundle.text,
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`the load met status ${response.status}: ${text.slice(0, ERROR_TEXT_CHARS)}`);
  const answered = (JSON.parse(text) as { entry?: { response?: { status?: string } }[] }).entry ?? [];
  const taken = answered.filter((entry) => entry.response?.status?.startsWith('20')).length;
  if (taken !== bundle.entries)
    throw new Error(`of ${bundle.entries} entries of a bundle ${taken} were taken`);
};

/** Loads the plan over HTTP; `onProgress` hears how many of how many resources are in. */
export const loadServer = async (
  place: Place,
  plan: DataPlan,
  onProgress: (loaded: number, all: number) => void,
): Promise<LoadReport> => {
  const all = resourceCount(plan);
  const startMs = performance.now();
  const source = bundles(plan);
  let loaded = 0;
  let bytes = 0;
  // One iterator shared by all loops: each takes the next bundle as soon as its last one is in.
  const loop = async (): Promise<void> => {
    for (let next = source.next(); !next.done; next = source.next()) {
      await post(place, next.value);
      loaded += next.value.entries;
      bytes += Buffer.byteLength(next.value.text);
      onProgress(loaded, all);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, loop));
  const seconds = (performance.now() - startMs) / 1_000;
  return { resources: loaded, seconds, resourcesPerSecond: loaded / seconds, bytes };
};
