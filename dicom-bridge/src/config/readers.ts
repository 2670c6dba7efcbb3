import type { VariableName } from './variables.ts';

/** An environment variable has a value that does not fit. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(variable: VariableName, fault: string) {
    super(`${variable} ${fault}.`);
  }
}

/** Values of environment variables: each throws ConfigError where a value does not fit, and takes an empty one for none. */

export function text(env: NodeJS.ProcessEnv, name: VariableName): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

export function whole(
  env: NodeJS.ProcessEnv,
  name: VariableName,
  fallback: number,
  [min, max]: readonly [number, number],
): number {
  return optionalWhole(env, name, [min, max]) ?? fallback;
}

export function optionalWhole(
  env: NodeJS.ProcessEnv,
  name: VariableName,
  [min, max]: readonly [number, number],
): number | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (number >= min && number <= max) return number;
  throw new ConfigError(name, `is no whole number from ${min} to ${max}`);
}

/** An http or https URL without user, query and fragment, and without a slash at its end: paths are added. */
export function baseUrl(env: NodeJS.ProcessEnv, name: VariableName): string | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const isPlain = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && !/[@?#]/.test(value);
  if (!isPlain) throw new ConfigError(name, 'is no http or https URL, or has a user, a query or a fragment');
  return value.replace(/\/+$/, '');
}

/** All of these, or none. */
export function together<const N extends VariableName>(
  env: NodeJS.ProcessEnv,
  names: readonly N[],
): Record<N, string> | undefined {
  const set = names.filter((name) => text(env, name) !== undefined);
  if (set.length === 0) return undefined;
  const missing = names.find((name) => !set.includes(name));
  if (missing !== undefined) throw new ConfigError(missing, `is missing, and ${set[0]} is set`);
  return Object.fromEntries(names.map((name) => [name, text(env, name)!])) as Record<N, string>;
}
