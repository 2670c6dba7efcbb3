import { isId } from '../fhir/id.ts';
import { CLIENT_SECRET_CHARS_MAX, CLIENT_SECRET_CHARS_MIN } from '../identity/clientSecrets.ts';
import { clientAddress } from '../rest/http/clientAddress.ts';
import { isArchive, parsePackageWish } from '../records/packages/packageName.ts';
import { ConfigError, type VariableName } from './variables.ts';

/** Values of environment variables: each throws ConfigError where a value does not fit, and takes an empty one for none. */

export function text(env: NodeJS.ProcessEnv, name: VariableName): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

export function list(env: NodeJS.ProcessEnv, name: VariableName): string[] {
  const parts = (text(env, name) ?? '').split(',').map((part) => part.trim());
  return parts.filter(Boolean);
}

export function whole(
  env: NodeJS.ProcessEnv,
  name: VariableName,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = text(env, name);
  if (value === undefined) return fallback;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (!(number >= min && number <= max)) throw new ConfigError(name, 'is out of its range');
  return number;
}

export function oneOf(
  env: NodeJS.ProcessEnv,
  name: VariableName,
  fallback: string,
  allowed: string[],
): string {
  const value = text(env, name) ?? fallback;
  if (!allowed.includes(value)) throw new ConfigError(name, 'is none of the values that it takes');
  return value;
}

export function matching(
  env: NodeJS.ProcessEnv,
  name: VariableName,
  fallback: string,
  pattern: RegExp,
): string {
  const value = text(env, name) ?? fallback;
  if (!pattern.test(value)) throw new ConfigError(name, `does not match ${pattern.source}`);
  return value;
}

export function url(env: NodeJS.ProcessEnv, name: VariableName, protocols: string[]): string | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const protocol = URL.canParse(value) ? new URL(value).protocol : undefined;
  if (protocol === undefined || !protocols.includes(protocol))
    throw new ConfigError(name, 'is not such a URL');
  return value;
}

/** Without a slash at its end: paths are added. */
export function publicUrl(env: NodeJS.ProcessEnv): string | undefined {
  const value = url(env, 'PUBLIC_URL', ['http:', 'https:']);
  if (value !== undefined && /[?#]/.test(value))
    throw new ConfigError('PUBLIC_URL', 'has a query or a fragment, to which no path can be added');
  return value?.replace(/\/+$/, '');
}

/** Credentials of the first administrator client. */
export function adminClient(env: NodeJS.ProcessEnv) {
  const adminClientId = text(env, 'MAXRAY_ADMIN_CLIENT_ID');
  const adminClientSecret = text(env, 'MAXRAY_ADMIN_CLIENT_SECRET');
  if (adminClientId !== undefined && !isId(adminClientId))
    throw new ConfigError('MAXRAY_ADMIN_CLIENT_ID', 'is no FHIR id');
  if (adminClientId !== undefined && adminClientSecret === undefined)
    throw new ConfigError('MAXRAY_ADMIN_CLIENT_SECRET', 'is missing, and MAXRAY_ADMIN_CLIENT_ID is set');
  if (adminClientId === undefined && adminClientSecret !== undefined)
    throw new ConfigError('MAXRAY_ADMIN_CLIENT_ID', 'is missing, and MAXRAY_ADMIN_CLIENT_SECRET is set');
  const { length } = adminClientSecret ?? '';
  if (length > 0 && (length < CLIENT_SECRET_CHARS_MIN || length > CLIENT_SECRET_CHARS_MAX))
    throw new ConfigError('MAXRAY_ADMIN_CLIENT_SECRET', `has ${length} characters`);
  return { adminClientId, adminClientSecret };
}

/** An origin, or `*` for all. */
export function corsOrigin(value: string): string {
  if (value === '*') return value;
  if (!URL.canParse(value) || new URL(value).origin !== value)
    throw new ConfigError('CORS_ORIGINS', `contains ${JSON.stringify(value)}, which is no origin`);
  return value;
}

/** An http or https origin to which notifications may be sent. */
export function receiverOrigin(value: string, variable: VariableName = 'SUBSCRIPTION_ALLOW'): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== value)
    throw new ConfigError(variable, `contains ${JSON.stringify(value)}, which is no http or https origin`);
  return value;
}

/** Somebody who may be told of events. */
export function recipient(value: string): string {
  if (value === '*' || /^\+\d{1,15}$/.test(value) || /^[^@\s]*@[^@\s]+$/.test(value)) return value;
  throw new ConfigError(
    'SUBSCRIPTION_RECIPIENTS',
    `contains ${JSON.stringify(value)}, which is none of these`,
  );
}

/** Where short messages are sent. In the clear only on this machine: the URL holds a secret. */
export function gatewayUrl(env: NodeJS.ProcessEnv): string | undefined {
  const value = url(env, 'SMS_URL', ['https:', 'http:']);
  if (value === undefined) return undefined;
  const { protocol, hostname } = new URL(value);
  if (protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) return value;
  throw new ConfigError('SMS_URL', 'is not https');
}

/** Policies whose holders sign in with a second factor. One that is misspelt would ask nobody for it, so what cannot be an id is a mistake. */
export function mfaPolicies(env: NodeJS.ProcessEnv): string[] {
  const policies = list(env, 'MFA_POLICIES');
  const wrong = policies.find((policy) => !isId(policy));
  if (wrong !== undefined)
    throw new ConfigError('MFA_POLICIES', `contains ${JSON.stringify(wrong)}, which is no id`);
  return policies;
}

/** An address, or `Name <address>`. */
const MAIL_SENDER = /^[^\s<>@]+@[^\s<>@]+$|^[^<>@]*<[^\s<>@]+@[^\s<>@]+>$/;

/** Who mails come from. */
export function mailFrom(env: NodeJS.ProcessEnv): string | undefined {
  const value = text(env, 'MAIL_FROM');
  if (value !== undefined && !MAIL_SENDER.test(value))
    throw new ConfigError('MAIL_FROM', `is ${JSON.stringify(value)}, which is no address`);
  return value;
}

/** The URL in its normal form; a part of it that could not be met, or would be a secret, is a mistake. */
export function importPrefix(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && !/[@?#]/.test(value);
  if (!isPlain)
    throw new ConfigError(
      'IMPORT_ALLOW',
      'contains what is no http or https URL, or one with a user, a query or a fragment',
    );
  return url.href;
}

/** Proxies that are trusted. */
export function proxies(env: NodeJS.ProcessEnv): string[] {
  const named = list(env, 'TRUST_PROXY');
  try {
    clientAddress(named);
    return named;
  } catch (error) {
    throw error instanceof RangeError
      ? new ConfigError('TRUST_PROXY', `contains what ${error.message}`)
      : error;
  }
}

/** Whether the package can be had is seen when it is loaded. */
export function fhirPackage(value: string): string {
  try {
    if (!isArchive(value)) parsePackageWish(value);
    return value;
  } catch {
    const text = `contains ${JSON.stringify(value)}, which is neither NAME@VERSION nor a .tgz file`;
    throw new ConfigError('FHIR_PACKAGES', text);
  }
}
