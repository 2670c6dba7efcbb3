import path from 'node:path';
import { isArchive, parsePackageWish } from './records/packages/packageName.ts';
import type { ValidationMode } from './validation/validator.ts';

/**
 * Every environment variable that the server reads. docs/configuration.md shows the same table (a test compares
 * them); a value that does not fit stops the start with the variable's name.
 */
export interface Variable {
  name: string;
  /** What it takes, in words. */
  type: string;
  /** Default as shown to people; '' when unset means off. */
  default: string;
  meaning: string;
}

export const VARIABLES = [
  {
    name: 'PORT',
    type: 'port number, 0 to 65535',
    default: '8103',
    meaning: 'TCP port of the HTTP server; 0 takes a free one',
  },
  {
    name: 'HOST',
    type: 'loopback address: 127.0.0.1, ::1 or localhost',
    default: '127.0.0.1',
    meaning: 'Address to listen on; until identity is in place only loopback is allowed',
  },
  {
    name: 'PUBLIC_URL',
    type: 'http or https URL',
    default: 'http://HOST:PORT',
    meaning: 'Address under which clients reach the server; used in links',
  },
  {
    name: 'CORS_ORIGINS',
    type: 'comma-separated origins',
    default: '',
    meaning: 'Web origins that may call the server besides loopback ones',
  },
  {
    name: 'DATABASE_URL',
    type: 'postgres:// URL',
    default: '',
    meaning: 'PostgreSQL 14 to 18 to use; unset: the embedded one',
  },
  {
    name: 'DATABASE_SCHEMA',
    type: 'lower-case name',
    default: 'maxray',
    meaning: 'PostgreSQL schema of the store',
  },
  {
    name: 'MAXRAY_DATA_DIR',
    type: 'folder',
    default: '.maxray',
    meaning: 'Embedded database, files, keys and caches',
  },
  {
    name: 'MAXRAY_DEMO',
    type: 'true or false',
    default: 'true',
    meaning: "Load MaxRay's own profiles and the demo clinic into an empty store",
  },
  {
    name: 'SECRET_KEY_FILE',
    type: 'file of at least 32 bytes',
    default: 'MAXRAY_DATA_DIR/secret.key',
    meaning: 'Key that seals page cursors; made with mode 0600 when absent',
  },
  {
    name: 'BLOB_URL',
    type: 'file: or s3: URL',
    default: 'file:MAXRAY_DATA_DIR/blobs',
    meaning: 'Where the content of Binary resources is kept',
  },
  { name: 'AWS_ACCESS_KEY_ID', type: 'text', default: '', meaning: 'Access key for an s3: BLOB_URL' },
  { name: 'AWS_SECRET_ACCESS_KEY', type: 'text', default: '', meaning: 'Secret key for an s3: BLOB_URL' },
  {
    name: 'SEARCH_HANDLING',
    type: 'strict or lenient',
    default: 'strict',
    meaning:
      'What an unknown search parameter does: an error, or ignored with a warning; Prefer: handling= overrides it',
  },
  {
    name: 'VALIDATION',
    type: 'structure, base, profiles or strict',
    default: 'base',
    meaning:
      'What a write must conform to: the structure of R4; all of R4; also the profiles of meta.profile; moreover every profile known and every reference resolved',
  },
  {
    name: 'VALIDATE_REFERENCES',
    type: 'true or false',
    default: 'false',
    meaning: 'Refuse writes with references to resources of this server that are not there',
  },
  {
    name: 'SEARCH_TIMEOUT_MS',
    type: 'whole number, 100 to 600000',
    default: '10000',
    meaning: 'Longest time that a search may hold a connection',
  },
  {
    name: 'BODY_BYTES_MAX',
    type: 'whole number, 1024 to 1073741824',
    default: '67108864',
    meaning: 'Largest FHIR request body, after decompression',
  },
  {
    name: 'BINARY_BYTES_MAX',
    type: 'whole number, 1024 to 17179869184',
    default: '1073741824',
    meaning: 'Largest raw Binary upload',
  },
  {
    name: 'TRANSACTION_ENTRIES_MAX',
    type: 'whole number, 1 to 1000000',
    default: '10000',
    meaning: 'Most entries of a batch or transaction',
  },
  {
    name: 'CONDITIONAL_DELETES_MAX',
    type: 'whole number, 1 to 100000',
    default: '1000',
    meaning: 'Resources that one conditional delete may delete; 1: it must mean a single one',
  },
  {
    name: 'REQUEST_TIMEOUT_MS',
    type: 'whole number, 1000 to 3600000',
    default: '120000',
    meaning: 'Longest time that a client may take to send a request',
  },
  {
    name: 'IMPORT_ALLOW',
    type: 'comma-separated http or https URLs',
    default: '',
    meaning: 'Below which URLs $import may fetch files; unset: it may fetch nothing',
  },
  {
    name: 'FHIR_PACKAGES',
    type: 'comma-separated NAME@VERSION or .tgz files',
    default: '',
    meaning: 'FHIR packages (implementation guides) to load at the start, with those that they need',
  },
  {
    name: 'LOG_LEVEL',
    type: 'fatal, error, warn, info, debug or silent',
    default: 'info',
    meaning: 'Least severity that is logged',
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof VARIABLES)[number]['name'];
export type SearchHandling = 'strict' | 'lenient';

export interface Config {
  port: number;
  host: string;
  publicUrl: string | undefined;
  corsOrigins: string[];
  databaseUrl: string | undefined;
  databaseSchema: string;
  dataDir: string | undefined;
  demo: boolean;
  secretKeyFile: string | undefined;
  blobUrl: string | undefined;
  awsAccessKeyId: string | undefined;
  awsSecretAccessKey: string | undefined;
  searchHandling: SearchHandling;
  validation: ValidationMode;
  validateReferences: boolean;
  searchTimeoutMs: number;
  bodyBytesMax: number;
  binaryBytesMax: number;
  transactionEntriesMax: number;
  conditionalDeletesMax: number;
  requestTimeoutMs: number;
  importAllow: string[];
  /** Names and versions, or files. */
  fhirPackages: string[];
  logLevel: string;
}

/** A configuration that cannot be used; the message names the variable and what it takes. */
export class ConfigError extends Error {
  constructor(name: VariableName, problem: string) {
    const variable = VARIABLES.find((v) => v.name === name)!;
    super(`${name} ${problem}. It takes: ${variable.type}. ${variable.meaning}.`);
    this.name = 'ConfigError';
  }
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Environment -> configuration. @throws ConfigError on the first variable that does not fit */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const host = text(env, 'HOST') ?? '127.0.0.1';
  if (!LOOPBACK.has(host)) {
    throw new ConfigError(
      'HOST',
      'is not a loopback address: without sign-in (planned) nobody but this machine may reach the server',
    );
  }
  const dataDir = text(env, 'MAXRAY_DATA_DIR');
  return {
    port: whole(env, 'PORT', 8103, 0, 65_535),
    host,
    publicUrl: publicUrl(env),
    corsOrigins: list(env, 'CORS_ORIGINS').map(origin),
    databaseUrl: url(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    databaseSchema: matching(env, 'DATABASE_SCHEMA', 'maxray', /^[a-z][a-z0-9_]{0,40}$/),
    dataDir: dataDir === undefined ? undefined : path.resolve(dataDir),
    demo: oneOf(env, 'MAXRAY_DEMO', 'true', ['true', 'false']) === 'true',
    secretKeyFile: text(env, 'SECRET_KEY_FILE'),
    blobUrl: url(env, 'BLOB_URL', ['file:', 's3:']),
    awsAccessKeyId: text(env, 'AWS_ACCESS_KEY_ID'),
    awsSecretAccessKey: text(env, 'AWS_SECRET_ACCESS_KEY'),
    searchHandling: oneOf(env, 'SEARCH_HANDLING', 'strict', ['strict', 'lenient']) as SearchHandling,
    validation: oneOf(env, 'VALIDATION', 'base', [
      'structure',
      'base',
      'profiles',
      'strict',
    ]) as ValidationMode,
    validateReferences: oneOf(env, 'VALIDATE_REFERENCES', 'false', ['true', 'false']) === 'true',
    searchTimeoutMs: whole(env, 'SEARCH_TIMEOUT_MS', 10_000, 100, 600_000),
    bodyBytesMax: whole(env, 'BODY_BYTES_MAX', 64 * 2 ** 20, 1024, 2 ** 30),
    binaryBytesMax: whole(env, 'BINARY_BYTES_MAX', 2 ** 30, 1024, 2 ** 34),
    conditionalDeletesMax: whole(env, 'CONDITIONAL_DELETES_MAX', 1000, 1, 100_000),
    transactionEntriesMax: whole(env, 'TRANSACTION_ENTRIES_MAX', 10_000, 1, 1_000_000),
    requestTimeoutMs: whole(env, 'REQUEST_TIMEOUT_MS', 120_000, 1000, 3_600_000),
    importAllow: list(env, 'IMPORT_ALLOW').map(importPrefix),
    fhirPackages: list(env, 'FHIR_PACKAGES').map(fhirPackage),
    logLevel: oneOf(env, 'LOG_LEVEL', 'info', ['fatal', 'error', 'warn', 'info', 'debug', 'silent']),
  };
}

function text(env: NodeJS.ProcessEnv, name: VariableName): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

function list(env: NodeJS.ProcessEnv, name: VariableName): string[] {
  const parts = (text(env, name) ?? '').split(',').map((part) => part.trim());
  return parts.filter(Boolean);
}

function whole(
  env: NodeJS.ProcessEnv,
  name: VariableName,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = text(env, name);
  if (value === undefined) return fallback;
  const number = /^\d{1,12}$/.test(value) ? Number(value) : NaN;
  if (!(number >= min && number <= max)) throw new ConfigError(name, 'is out of its range');
  return number;
}

function oneOf(env: NodeJS.ProcessEnv, name: VariableName, fallback: string, allowed: string[]): string {
  const value = text(env, name) ?? fallback;
  if (!allowed.includes(value)) throw new ConfigError(name, 'is none of the values that it takes');
  return value;
}

function matching(env: NodeJS.ProcessEnv, name: VariableName, fallback: string, pattern: RegExp): string {
  const value = text(env, name) ?? fallback;
  if (!pattern.test(value)) throw new ConfigError(name, `does not match ${pattern.source}`);
  return value;
}

function url(env: NodeJS.ProcessEnv, name: VariableName, protocols: string[]): string | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const protocol = URL.canParse(value) ? new URL(value).protocol : undefined;
  if (protocol === undefined || !protocols.includes(protocol))
    throw new ConfigError(name, 'is not such a URL');
  return value;
}

/** Without a slash at its end: paths are added. */
function publicUrl(env: NodeJS.ProcessEnv): string | undefined {
  const value = url(env, 'PUBLIC_URL', ['http:', 'https:']);
  if (value !== undefined && /[?#]/.test(value))
    throw new ConfigError('PUBLIC_URL', 'has a query or a fragment, to which no path can be added');
  return value?.replace(/\/+$/, '');
}

function origin(value: string): string {
  if (!URL.canParse(value) || new URL(value).origin !== value)
    throw new ConfigError('CORS_ORIGINS', `contains ${JSON.stringify(value)}, which is no origin`);
  return value;
}

/** The URL in its normal form; a part of it that could not be met, or would be a secret, is a mistake. */
function importPrefix(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && !/[@?#]/.test(value);
  if (!isPlain)
    throw new ConfigError(
      'IMPORT_ALLOW',
      'contains what is no http or https URL, or one with a user, a query or a fragment',
    );
  return url.href;
}

/** Whether the package can be had is seen when it is loaded. */
function fhirPackage(value: string): string {
  try {
    if (!isArchive(value)) parsePackageWish(value);
    return value;
  } catch {
    const text = `contains ${JSON.stringify(value)}, which is neither NAME@VERSION nor a .tgz file`;
    throw new ConfigError('FHIR_PACKAGES', text);
  }
}
