import { DATABASES, openDatabase } from '../database/database.ts';
import { Connection } from '../generator/connection.ts';
import { encodeRequest } from '../generator/encode.ts';
import { FHIR_BASE } from '../processes/fhirBase.ts';
import { startServer } from '../processes/serverProcess.ts';
import { LOOPBACK } from '../processes/target.ts';
import type { BenchOptions } from '../options.ts';
import { serverOptions } from '../settings.ts';
import { measureTerminology, type TerminologyFigures, type TerminologyServer } from './measure.ts';

/** Characters of an answer that an error shows. */
const ANSWER_CHARS_MAX = 300;

export interface TerminologyRun {
  /** Of PostgreSQL. */
  version: string;
  figures: TerminologyFigures[];
}

/** Measures terminology of a server of its own, whose store has nothing else. */
export const runTerminology = async (options: BenchOptions, postgresUrl: string): Promise<TerminologyRun> => {
  const database = await openDatabase(postgresUrl, false, DATABASES.terminology);
  try {
    const server = await startServer(serverOptions(options, database.url, 'terminology'));
    try {
      const figures = await measureTerminology(terminologyServer(server.port), options.rounds);
      return { version: database.version, figures };
    } finally {
      await server.stop();
    }
  } finally {
    await database.close();
  }
};

/** Asked by the same client as the other cases: a general one takes about as long as the server. */
const terminologyServer = (port: number): TerminologyServer => ({
  store: async (path, resource) => {
    const response = await fetch(`http://${LOOPBACK}:${port}${FHIR_BASE}${path}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, ANSWER_CHARS_MAX)}`);
  },
  ask: (paths) => timesOf(port, paths),
});

async function timesOf(port: number, paths: readonly string[]): Promise<number[]> {
  const authority = `${LOOPBACK}:${port}`;
  const requests = paths.map((path) =>
    encodeRequest({ method: 'GET', path, answer: '' }, authority, FHIR_BASE),
  );
  const timesMs: number[] = [];
  const faults: string[] = [];
  let at = 0;
  await new Connection({
    host: LOOPBACK,
    port,
    next: () => requests[at++],
    checking: () => false,
    answered: (elapsedMs) => timesMs.push(elapsedMs),
    failed: (what) => faults.push(what),
  }).run();
  if (faults.length > 0) throw new Error(faults[0]);
  return timesMs;
}
