import path from 'node:path';
import { readBots, type BotsConfig } from './config/bots.ts';
import { readDicom, type DicomConfig } from './config/dicom.ts';
import { readExternalProviders } from './config/externalProviders.ts';
import {
  adminClient,
  fhirPackage,
  gatewayUrl,
  importPrefix,
  list,
  mailFrom,
  matching,
  mfaPolicies,
  oneOf,
  corsOrigin,
  proxies,
  publicUrl,
  receiverOrigin,
  recipient,
  text,
  url,
  whole,
} from './config/readers.ts';
import { ConfigError } from './config/variables.ts';
import type { ExternalProvider } from './identity/external/externalProviders.ts';
import type { ValidationMode } from './validation/validator.ts';

export { ConfigError, VARIABLES, type Variable, type VariableName } from './config/variables.ts';

/** What it says of the audit log. */
export interface AuditConfig {
  audit: 'on' | 'strict';
  auditJournalBytesMax: number;
  auditKeyFile: string | undefined;
  auditFile: string | undefined;
  /** `syslog:` or `syslogs:`. */
  auditSyslogUrl: string | undefined;
  /** PEM files. */
  auditSyslogCaFile: string | undefined;
  auditSyslogCertFile: string | undefined;
  auditSyslogKeyFile: string | undefined;
}

export type SearchHandling = 'strict' | 'lenient';

/** How is told of events. */
export interface SubscriptionConfig {
  /** Origins. */
  subscriptionAllow: string[];
  /** Addresses, `@domain`, beginnings of telephone numbers, `*`. */
  subscriptionRecipients: string[];
  subscriptionRetentionDays: number;
  subscriptionIdleHours: number;
  /** Both or none. */
  smsUrl: string | undefined;
  smsFrom: string | undefined;
}

/** How people sign in. */
export interface SignInConfig {
  /** Ids of AccessPolicy resources; `admin`: whoever administers. */
  mfaPolicies: string[];
  /** Both or none. */
  smtpUrl: string | undefined;
  mailFrom: string | undefined;
  /** Other providers with which users may sign in. */
  externalProviders: readonly ExternalProvider[];
}

/** How often somebody may ask. */
export interface LimitsConfig {
  /** Addresses, networks, `loopback`, `private`. */
  trustProxy: string[];
  /** Units in a minute; 0: no limit. */
  rateLimitAddress: number;
  rateLimitUser: number;
  rateLimitClient: number;
  rateLimitShared: boolean;
  redisUrl: string | undefined;
}

export interface Config
  extends SubscriptionConfig, BotsConfig, DicomConfig, AuditConfig, SignInConfig, LimitsConfig {
  port: number;
  host: string;
  publicUrl: string | undefined;
  corsOrigins: string[];
  databaseUrl: string | undefined;
  /** As whom tenants are made. */
  databaseAdminUrl: string | undefined;
  databaseSchema: string;
  /** Tenants at the most. */
  storesMax: number;
  dataDir: string | undefined;
  demo: boolean;
  roles: boolean;
  secretKeyFile: string | undefined;
  /** Both or none. */
  adminClientId: string | undefined;
  adminClientSecret: string | undefined;
  clientRegistration: boolean;
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
  breakGlassMinutes: number;
  requestTimeoutMs: number;
  importAllow: string[];
  /** Names and versions, or files. */
  fhirPackages: string[];
  logLevel: string;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Environment -> configuration. @throws ConfigError on the first variable that does not fit */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const host = text(env, 'HOST') ?? '127.0.0.1';
  const address = publicUrl(env);
  if (!LOOPBACK.has(host) && !isPrivate(address)) {
    throw new ConfigError(
      'HOST',
      'is not a loopback address, so tokens and records would cross the network in the clear: set PUBLIC_URL to the https address of the proxy in front',
    );
  }
  const dataDir = text(env, 'MAXRAY_DATA_DIR');
  return {
    port: whole(env, 'PORT', 8103, 0, 65_535),
    host,
    publicUrl: address,
    corsOrigins: list(env, 'CORS_ORIGINS').map(corsOrigin),
    databaseUrl: url(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    databaseAdminUrl: url(env, 'DATABASE_ADMIN_URL', ['postgres:', 'postgresql:']),
    databaseSchema: matching(env, 'DATABASE_SCHEMA', 'maxray', /^[a-z][a-z0-9_]{0,40}$/),
    storesMax: whole(env, 'STORES_MAX', 100, 0, 10_000),
    dataDir: dataDir === undefined ? undefined : path.resolve(dataDir),
    demo: oneOf(env, 'MAXRAY_DEMO', 'true', ['true', 'false']) === 'true',
    roles: oneOf(env, 'MAXRAY_ROLES', 'true', ['true', 'false']) === 'true',
    secretKeyFile: text(env, 'SECRET_KEY_FILE'),
    ...readBots(env),
    ...readDicom(env),
    ...adminClient(env),
    clientRegistration: oneOf(env, 'CLIENT_REGISTRATION', 'false', ['true', 'false']) === 'true',
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
    breakGlassMinutes: whole(env, 'BREAK_GLASS_MINUTES', 60, 1, 1440),
    transactionEntriesMax: whole(env, 'TRANSACTION_ENTRIES_MAX', 10_000, 1, 1_000_000),
    requestTimeoutMs: whole(env, 'REQUEST_TIMEOUT_MS', 120_000, 1000, 3_600_000),
    importAllow: list(env, 'IMPORT_ALLOW').map(importPrefix),
    fhirPackages: list(env, 'FHIR_PACKAGES').map(fhirPackage),
    ...subscriptionConfig(env),
    ...auditConfig(env),
    ...signInConfig(env),
    ...limitsConfig(env),
    logLevel: oneOf(env, 'LOG_LEVEL', 'info', ['fatal', 'error', 'warn', 'info', 'debug', 'silent']),
  };
}

function subscriptionConfig(env: NodeJS.ProcessEnv): SubscriptionConfig {
  const smsUrl = gatewayUrl(env);
  const smsFrom = text(env, 'SMS_FROM');
  if (smsUrl !== undefined && smsFrom === undefined)
    throw new ConfigError('SMS_FROM', 'is missing, and SMS_URL is set');
  return {
    subscriptionAllow: list(env, 'SUBSCRIPTION_ALLOW').map((value) => receiverOrigin(value)),
    subscriptionRecipients: list(env, 'SUBSCRIPTION_RECIPIENTS').map(recipient),
    subscriptionRetentionDays: whole(env, 'SUBSCRIPTION_RETENTION_DAYS', 30, 1, 3650),
    subscriptionIdleHours: whole(env, 'SUBSCRIPTION_IDLE_HOURS', 72, 1, 8760),
    ...{ smsUrl, smsFrom },
  };
}

function auditConfig(env: NodeJS.ProcessEnv): AuditConfig {
  return {
    audit: oneOf(env, 'AUDIT', 'on', ['on', 'strict']) as AuditConfig['audit'],
    auditJournalBytesMax: whole(env, 'AUDIT_JOURNAL_BYTES_MAX', 2 ** 30, 2 ** 20, 2 ** 40),
    auditKeyFile: text(env, 'AUDIT_KEY_FILE'),
    auditFile: text(env, 'AUDIT_FILE'),
    auditSyslogUrl: url(env, 'AUDIT_SYSLOG_URL', ['syslog:', 'syslogs:']),
    auditSyslogCaFile: text(env, 'AUDIT_SYSLOG_CA_FILE'),
    auditSyslogCertFile: text(env, 'AUDIT_SYSLOG_CERT_FILE'),
    auditSyslogKeyFile: text(env, 'AUDIT_SYSLOG_KEY_FILE'),
  };
}

function signInConfig(env: NodeJS.ProcessEnv): SignInConfig {
  const smtpUrl = url(env, 'SMTP_URL', ['smtp:', 'smtps:']);
  const sender = mailFrom(env);
  if (smtpUrl !== undefined && sender === undefined)
    throw new ConfigError('MAIL_FROM', 'is missing, and SMTP_URL is set');
  const externalProviders = readExternalProviders(text(env, 'SSO_PROVIDERS_FILE'), env);
  return { mfaPolicies: mfaPolicies(env), smtpUrl, mailFrom: sender, externalProviders };
}

function limitsConfig(env: NodeJS.ProcessEnv): LimitsConfig {
  const unitsMax = 1_000_000_000;
  return {
    trustProxy: proxies(env),
    rateLimitAddress: whole(env, 'RATE_LIMIT_ADDRESS', 3_000, 0, unitsMax),
    rateLimitUser: whole(env, 'RATE_LIMIT_USER', 12_000, 0, unitsMax),
    rateLimitClient: whole(env, 'RATE_LIMIT_CLIENT', 120_000, 0, unitsMax),
    rateLimitShared: oneOf(env, 'RATE_LIMIT_SHARED', 'false', ['true', 'false']) === 'true',
    redisUrl: url(env, 'REDIS_URL', ['redis:', 'rediss:']),
  };
}

/** Whether what goes to this address cannot be read on the way. */
function isPrivate(address: string | undefined): boolean {
  if (address === undefined) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || LOOPBACK.has(hostname.replace(/^\[|\]$/g, ''));
}
