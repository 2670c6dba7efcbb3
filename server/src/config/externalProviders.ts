import fs from 'node:fs';
import type { ExternalProvider } from '../identity/external/externalProviders.ts';
import { ConfigError } from './variables.ts';

const ID = /^[a-z0-9][a-z0-9-]{0,40}$/;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** As SSO_PROVIDERS_FILE has one: the secret stands elsewhere, in a file or a variable of the environment. */
interface Entry {
  id?: unknown;
  name?: unknown;
  issuer?: unknown;
  clientId?: unknown;
  clientSecretFile?: unknown;
  clientSecretVariable?: unknown;
  secondFactor?: unknown;
}

/** Reads the providers with which users may sign in. @throws ConfigError that names what is wrong, and no secret */
export function readExternalProviders(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): readonly ExternalProvider[] {
  if (file === undefined) return [];
  const entries = parsed(file);
  const providers = entries.map((entry, i) => providerOf((entry ?? {}) as Entry, `[${i}]`, env));
  const ids = new Set(providers.map(({ id }) => id));
  if (ids.size !== providers.length) wrong('has two providers of one id');
  return providers;
}

function parsed(file: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return wrong('cannot be read, or is no JSON');
  }
  return Array.isArray(value) ? value : wrong('is no array');
}

function providerOf(entry: Entry, at: string, env: NodeJS.ProcessEnv): ExternalProvider {
  const text = (member: keyof Entry): string => {
    const value = entry[member];
    return typeof value === 'string' && value !== '' ? value : wrong(`has no ${member} in ${at}`);
  };
  const [id, issuer] = [text('id'), text('issuer')];
  if (!ID.test(id)) wrong(`has an id in ${at} that is not of lower-case letters, digits and hyphens`);
  const { protocol, hostname } = URL.canParse(issuer) ? new URL(issuer) : { protocol: '', hostname: '' };
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.has(hostname)))
    wrong(`has an issuer in ${at} that is no https URL`);
  return {
    id,
    name: text('name'),
    issuer,
    clientId: text('clientId'),
    clientSecret: secretOf(entry, at, env),
    secondFactor: entry.secondFactor === true,
  };
}

function secretOf(
  { clientSecretFile: file, clientSecretVariable: name }: Entry,
  at: string,
  env: NodeJS.ProcessEnv,
): string {
  let secret: string | undefined;
  if (typeof name === 'string') secret = env[name];
  else if (typeof file === 'string') {
    try {
      secret = fs.readFileSync(file, 'utf8').trim();
    } catch {
      wrong(`names a clientSecretFile in ${at} that cannot be read`);
    }
  } else wrong(`has neither clientSecretFile nor clientSecretVariable in ${at}`);
  return secret ? secret : wrong(`names a secret in ${at} that is empty`);
}

function wrong(problem: string): never {
  throw new ConfigError('SSO_PROVIDERS_FILE', problem);
}
