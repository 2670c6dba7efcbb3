import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors } from 'oidc-provider';
import { FhirError } from '../../fhir/outcome.ts';
import { ACCOUNT_PATH } from '../paths.ts';
import { html } from './html.ts';
import { show } from './visit.ts';

/** Says what went wrong; of a defect of ours only that there was one. @throws the defect, for the caller to report */
export function showError(error: unknown, response: ServerResponse, request?: IncomingMessage): void {
  const known = STATUSES.find(([kind]) => error instanceof kind);
  const status = known?.[1](error as never) ?? 500;
  const text = known ? textOf(error, request) : 'Something went wrong here. Try again later.';
  const body = html`<p class="problem" role="alert">${text}</p>
    <p>
      Go back to the app and begin
      again${request && html`, or open <a href="${accountOf(request)}">your account</a>`}.
    </p>`;
  if (!response.headersSent) show(response, status, { title: 'This does not work', body });
  if (status === 500) throw error;
}

const CATEGORIES: Readonly<Record<string, number>> = {
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'too-large': 413,
  'unsupported-media-type': 415,
  throttled: 429,
  busy: 503,
};

const STATUSES: readonly (readonly [new (...values: never[]) => Error, (error: never) => number])[] = [
  [errors.SessionNotFound, () => 400],
  [errors.OIDCProviderError, ({ statusCode }: errors.OIDCProviderError) => statusCode],
  [FhirError, ({ category }: FhirError) => CATEGORIES[category] ?? 500],
];

/** Below where the issuer is: that of a tenant has a path. */
const accountOf = ({ baseUrl = '' }: IncomingMessage & { baseUrl?: string }): string =>
  `${baseUrl}${ACCOUNT_PATH}`;

function textOf(error: unknown, request: IncomingMessage | undefined): string {
  if (error instanceof errors.SessionNotFound)
    return request && request.headers.cookie === undefined
      ? 'To sign in takes cookies, and your browser has sent none: allow them for this server.'
      : 'This page has expired, or belongs to another window.';
  if (error instanceof errors.OIDCProviderError) return error.error_description ?? error.message;
  return error instanceof Error ? error.message : '';
}
