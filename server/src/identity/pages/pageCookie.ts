import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const NAME = 'maxray_page';
const VALUE = /(?:^|;\s*)maxray_page=([A-Za-z0-9_-]{32})(?:;|$)/;

/**
 * What the forms of pages are bound to on which nobody has signed in: a cookie that only this browser has, and sends only from pages
 * of ours.
 */
export function pageCookie(request: IncomingMessage, response: ServerResponse, issuer: string): string {
  const [, known] = VALUE.exec(request.headers.cookie ?? '') ?? [];
  if (known !== undefined) return known;
  const value = randomBytes(24).toString('base64url');
  const { protocol, pathname } = new URL(issuer);
  const path = `${pathname.replace(/\/$/, '')}/oauth2/`;
  const secure = protocol === 'https:' ? '; Secure' : '';
  response.setHeader('Set-Cookie', `${NAME}=${value}; Path=${path}; HttpOnly; SameSite=Strict${secure}`);
  return value;
}
