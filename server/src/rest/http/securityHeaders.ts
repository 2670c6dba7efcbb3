/** Two years. */
const STRICT_TRANSPORT = 'max-age=63072000';

/**
 * Headers of every answer: browsers are to guess no types, and where clients come by https, to try nothing else.
 *
 * @param isSecure whether they do
 */
export const securityHeaders = (isSecure: boolean): Readonly<Record<string, string>> => ({
  'X-Content-Type-Options': 'nosniff',
  ...(isSecure && { 'Strict-Transport-Security': STRICT_TRANSPORT }),
});
