import { CONCEPTS, LISTED, resources, SYSTEM, WHOLE } from './data.ts';

/** Requests of a round before the measured ones. */
const WARM_UP = 50;
const REQUESTS = 500;

/** A question, another one each time, and what half of the answers may take. */
export interface TerminologyCase {
  name: string;
  title: string;
  path(i: number): string;
  targetMs?: number;
}

/** The server's FHIR interface, by paths below its base; what fails rejects. */
export interface TerminologyServer {
  store(path: string, resource: object): Promise<void>;
  /** Reads one after the other, on one connection. @returns how long each took, in milliseconds */
  ask(paths: readonly string[]): Promise<number[]>;
}

/** What one question costs, through HTTP, one request after the other. */
export interface TerminologyFigures {
  name: string;
  title: string;
  /** Medians over the rounds. */
  p50Ms: number;
  p99Ms: number;
  targetMs?: number;
}

export const CASES: readonly TerminologyCase[] = [
  {
    name: 'read',
    title: 'read of the small ValueSet, for comparison',
    path: () => '/ValueSet/bench-findings',
  },
  {
    name: 'expand-whole',
    title: '$expand, all of the code system, filter',
    path: (i) => `/ValueSet/$expand?url=${WHOLE}&filter=num%20${i}`,
    targetMs: 10,
  },
  {
    name: 'expand-listed',
    title: '$expand, listed codes, filter',
    path: (i) => `/ValueSet/$expand?url=${LISTED}&filter=num%20${i}`,
    targetMs: 10,
  },
  {
    name: 'validate-whole',
    title: 'ValueSet/$validate-code, all of the code system',
    path: (i) => `/ValueSet/$validate-code?url=${WHOLE}&system=${SYSTEM}&code=c${i % CONCEPTS}`,
    targetMs: 1,
  },
  {
    name: 'validate-listed',
    title: 'ValueSet/$validate-code, listed codes',
    path: (i) => `/ValueSet/$validate-code?url=${LISTED}&system=${SYSTEM}&code=c${i % CONCEPTS}`,
    targetMs: 1,
  },
];

/**
 * Stores a code system of 10,000 concepts with two value sets, and asks about them.
 *
 * @param rounds of which the medians are taken
 */
export const measureTerminology = async (
  { store, ask }: TerminologyServer,
  rounds: number,
): Promise<TerminologyFigures[]> => {
  for (const resource of resources) await store(`/${resource.resourceType}/${resource.id}`, resource);
  const figures: TerminologyFigures[] = [];
  for (const each of CASES) {
    const measured: number[][] = [];
    for (let round = 0; round < rounds; round++) measured.push(await roundMs(each, ask));
    const { name, title, targetMs } = each;
    const over = (share: number): number => at(ascending(measured.map((times) => at(times, share))), 0.5);
    const figure = { name, title, p50Ms: over(0.5), p99Ms: over(0.99) };
    figures.push(targetMs === undefined ? figure : { ...figure, targetMs });
  }
  return figures;
};

/** Ascending. */
const roundMs = async ({ path }: TerminologyCase, ask: TerminologyServer['ask']): Promise<number[]> => {
  const times = await ask(Array.from({ length: WARM_UP + REQUESTS }, (_, i) => path(i)));
  return ascending(times.slice(WARM_UP));
};

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)]!;
