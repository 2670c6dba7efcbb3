import { DATABASES, openDatabase } from '../database/database.ts';
import { FHIR_BASE } from '../processes/fhirBase.ts';
import { startServer } from '../processes/serverProcess.ts';
import { LOOPBACK } from '../processes/target.ts';
import type { BenchOptions } from '../options.ts';
import { serverOptions } from '../settings.ts';
import { measureTerminology, type TerminologyFigures } from './measure.ts';

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
      const base = `http://${LOOPBACK}:${server.port}${FHIR_BASE}`;
      const figures = await measureTerminology(
        (path, resource) => send(base + path, resource),
        options.rounds,
      );
      return { version: database.version, figures };
    } finally {
      await server.stop();
    }
  } finally {
    await database.close();
  }
};

const send = async (url: string, resource?: object): Promise<void> => {
  const headers = { 'Content-Type': 'application/fhir+json' };
  const stored = { method: 'PUT', headers, body: JSON.stringify(resource) };
  const response = await fetch(url, resource ? stored : {});
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, ANSWER_CHARS_MAX)}`);
};
