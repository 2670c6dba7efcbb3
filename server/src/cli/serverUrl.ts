import { readConfig } from '../config.ts';
import { UsageError } from './usageError.ts';

/** Said here again: the server's HTTP face takes most of a second to load, and commands need no more of it than this. */
const FHIR_PATH = '/fhir/R4';

/** What `--url` is without variables, as help shows it. */
export const DEFAULT_URL = `http://127.0.0.1:8103${FHIR_PATH}`;

/** Hosts to listen on that stand for every address of the machine. */
const ANY = new Set(['0.0.0.0', '::']);

/**
 * FHIR base of the server of this machine that is started with these variables.
 * @throws UsageError where they do not tell; ConfigError for one that does not fit
 */
export function ownUrl(env: NodeJS.ProcessEnv = process.env): string {
  const { host, port } = readConfig(env);
  if (port === 0)
    throw new UsageError('PORT is 0, so the server has taken a free port: name its FHIR base by --url.');
  const name = ANY.has(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}${FHIR_PATH}`;
}
