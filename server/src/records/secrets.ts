/** Elements of the administrative types (and of IdentityProvider in them) that hold what must stay secret. */
const SECRETS = new Set([
  'clientSecret',
  'googleClientSecret',
  'mfaSecret',
  'passwordHash',
  'recaptchaSecretKey',
  'retiringSecret',
  'secret',
  'systemSecret',
  'userInfoApiKey',
]);

/**
 * Takes secrets out of an administrative resource, at any depth: they live in a table of their own, and content, history,
 * events and exports never have them.
 *
 * @param value changed in place
 */
export function removeSecrets(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) return value.forEach(removeSecrets);
  const object = value as Record<string, unknown>;
  for (const name of Object.keys(object)) {
    if (SECRETS.has(name.replace(/^_/, ''))) delete object[name];
    else removeSecrets(object[name]);
  }
}
