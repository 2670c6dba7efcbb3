import type { IncomingMessage } from 'node:http';

const NAME = 'maxray_visit';
const VALUE = /(?:^|;\s*)maxray_visit=([A-Za-z0-9_-]{32})(?:;|$)/;

/** The visit that a request belongs to, as its browser says. */
export const visitOf = ({ headers }: IncomingMessage): string | undefined =>
  VALUE.exec(headers.cookie ?? '')?.[1];

/**
 * A cookie that no script reads, and that is sent by the page of one study only.
 *
 * @param page absolute URL of the page
 */
export function visitCookie(id: string, lifetimeS: number, page: string): string {
  const { protocol, pathname } = new URL(page);
  const secure = protocol === 'https:' ? '; Secure' : '';
  const age = Math.floor(lifetimeS);
  return `${NAME}=${id}; Path=${pathname}; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}
