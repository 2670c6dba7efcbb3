import { AUDIT_VARIABLES } from './auditVariables.ts';
import { BOT_VARIABLES } from './botVariables.ts';
import { DICOM_VARIABLES } from './dicomVariables.ts';
import { RATE_LIMIT_VARIABLES } from './rateLimitVariables.ts';
import { SUBSCRIPTION_VARIABLES } from './subscriptionVariables.ts';
import type { Variable } from './variable.ts';

export type { Variable } from './variable.ts';

/**
 * Every environment variable that the server reads. docs/configuration.md shows the same table (a test compares
 * them); a value that does not fit stops the start with the variable's name.
 */
export const VARIABLES = [
  {
    name: 'PORT',
    type: 'port number, 0 to 65535',
    default: '8103',
    meaning: 'TCP port of the HTTP server; 0 takes a free one',
  },
  {
    name: 'HOST',
    type: 'IP address or name',
    default: '127.0.0.1',
    meaning:
      'Address to listen on; other than loopback it needs a PUBLIC_URL that is https (a proxy in front), or of this machine',
  },
  {
    name: 'PUBLIC_URL',
    type: 'http or https URL',
    default: 'http://HOST:PORT',
    meaning: 'Address under which clients reach the server; used in links',
  },
  {
    name: 'CORS_ORIGINS',
    type: 'comma-separated origins, or *',
    default: '',
    meaning:
      'Web origins whose pages may call the server besides loopback ones; *: all, since only tokens open it',
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
    name: 'DATABASE_ADMIN_URL',
    type: 'postgres:// URL',
    default: '',
    meaning:
      'The same database as the user who makes the schemas of tenants; unset: the user of DATABASE_URL',
  },
  {
    name: 'STORES_MAX',
    type: 'whole number, 0 to 10000',
    default: '100',
    meaning: 'Most tenants, each a store of its own beside the main one',
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
    name: 'MAXRAY_ROLES',
    type: 'true or false',
    default: 'true',
    meaning: "Store MaxRay's own profiles and the policies of its roles; the demo has them in any case",
  },
  {
    name: 'SECRET_KEY_FILE',
    type: 'file of at least 32 bytes',
    default: 'MAXRAY_DATA_DIR/secret.key',
    meaning: 'Key that seals page cursors, and what identity keeps; made with mode 0600 when absent',
  },
  {
    name: 'MAXRAY_ADMIN_CLIENT_ID',
    type: 'FHIR id',
    default: '',
    meaning:
      'Id of the first administrator client; unset: one is made in MAXRAY_DATA_DIR/administrator-client.json',
  },
  {
    name: 'MAXRAY_ADMIN_CLIENT_SECRET',
    type: 'text of 16 to 512 characters',
    default: '',
    meaning: 'Its secret; needed with MAXRAY_ADMIN_CLIENT_ID',
  },
  {
    name: 'CLIENT_REGISTRATION',
    type: 'true or false',
    default: 'false',
    meaning: 'Let apps register themselves (RFC 7591); without a membership they act for people only',
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
    name: 'BREAK_GLASS_MINUTES',
    type: 'whole number, 1 to 1440',
    default: '60',
    meaning: 'How long the record of a patient stays open to whoever has opened it in an emergency',
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
  ...SUBSCRIPTION_VARIABLES,
  ...BOT_VARIABLES,
  ...DICOM_VARIABLES,
  {
    name: 'FHIR_PACKAGES',
    type: 'comma-separated NAME@VERSION or .tgz files',
    default: '',
    meaning: 'FHIR packages (implementation guides) to load at the start, with those that they need',
  },
  ...AUDIT_VARIABLES,
  {
    name: 'MFA_POLICIES',
    type: 'comma-separated ids of AccessPolicy resources, and admin',
    default: '',
    meaning:
      'Users to whom one of these policies is assigned, or who administer (admin), sign in with a second factor',
  },
  {
    name: 'SMTP_URL',
    type: 'smtp:// or smtps:// URL',
    default: '',
    meaning: 'Mail server for invitations and forgotten passwords; unset: no mail is sent',
  },
  {
    name: 'MAIL_FROM',
    type: 'email address',
    default: '',
    meaning: 'Sender of mail; needed with SMTP_URL',
  },
  {
    name: 'SSO_PROVIDERS_FILE',
    type: 'JSON file (docs/configuration.md)',
    default: '',
    meaning: 'Other OpenID Connect providers with which users may sign in',
  },
  ...RATE_LIMIT_VARIABLES,
  {
    name: 'LOG_LEVEL',
    type: 'fatal, error, warn, info, debug or silent',
    default: 'info',
    meaning: 'Least severity that is logged',
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof VARIABLES)[number]['name'];

/** A configuration that cannot be used; the message names the variable and what it takes. */
export class ConfigError extends Error {
  constructor(name: VariableName, problem: string) {
    const variable = VARIABLES.find((v) => v.name === name)!;
    super(`${name} ${problem}. It takes: ${variable.type}. ${variable.meaning}.`);
    this.name = 'ConfigError';
  }
}
