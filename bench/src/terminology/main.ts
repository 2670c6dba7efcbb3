import { CONCEPTS, LISTED, resources, SYSTEM, WHOLE } from './data.ts';

/** Requests before the measured ones. */
const WARM_UP = 50;
const REQUESTS = 500;

/** A question, another one each time, and what half of the answers may take. */
interface TerminologyCase {
  title: string;
  path(i: number): string;
  targetMs?: number;
}

const CASES: readonly TerminologyCase[] = [
  { title: 'read of the small ValueSet, for comparison', path: () => '/ValueSet/bench-findings' },
  {
    title: '$expand, all of the code system, filter',
    path: (i) => `/ValueSet/$expand?url=${WHOLE}&filter=num%20${i}`,
    targetMs: 10,
  },
  {
    title: '$expand, listed codes, filter',
    path: (i) => `/ValueSet/$expand?url=${LISTED}&filter=num%20${i}`,
    targetMs: 10,
  },
  {
    title: 'ValueSet/$validate-code, all of the code system',
    path: (i) => `/ValueSet/$validate-code?url=${WHOLE}&system=${SYSTEM}&code=c${i % CONCEPTS}`,
    targetMs: 1,
  },
  {
    title: 'ValueSet/$validate-code, listed codes',
    path: (i) => `/ValueSet/$validate-code?url=${LISTED}&system=${SYSTEM}&code=c${i % CONCEPTS}`,
    targetMs: 1,
  },
];

/** Measures terminology of a running server, one request after the other, and prints a line for each case. Takes its FHIR base. */
const main = async (base: string): Promise<void> => {
  for (const resource of resources) {
    const url = `${base}/${resource.resourceType}/${resource.id}`;
    const headers = { 'Content-Type': 'application/fhir+json' };
    await wholeAnswer(await fetch(url, { method: 'PUT', headers, body: JSON.stringify(resource) }));
  }
  for (const { title, path, targetMs } of CASES) {
    const times: number[] = [];
    for (let i = 0; i < WARM_UP + REQUESTS; i++) {
      const startMs = performance.now();
      await wholeAnswer(await fetch(base + path(i)));
      if (i >= WARM_UP) times.push(performance.now() - startMs);
    }
    times.sort((a, b) => a - b);
    const target = targetMs === undefined ? '' : ` (wanted: ${targetMs} ms)`;
    console.log(`${title}: p50 ${shown(times, 0.5)}, p99 ${shown(times, 0.99)} ms${target}`);
  }
};

const wholeAnswer = async (response: Response): Promise<void> => {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, 300)}`);
};

const shown = (sorted: readonly number[], share: number): string =>
  sorted[Math.floor(sorted.length * share)]!.toFixed(2);

await main(process.argv[2] ?? 'http://127.0.0.1:8103/fhir/R4');
