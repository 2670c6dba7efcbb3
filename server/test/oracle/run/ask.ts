import { BASE_MARK } from '../data/references.ts';
import type { Query } from '../queries/query.ts';
import type { Answer, Client } from './client.ts';

const FORM = 'application/x-www-form-urlencoded';

/** Sends a search. */
export function ask(client: Client, query: Query): Promise<Answer> {
  const { path, post, wrong } = query;
  const encoded = withBase(client, query.query);
  const headers: Record<string, string> = wrong
    ? { Prefer: `handling=${wrong.isLenient ? 'lenient' : 'strict'}` }
    : {};
  if (!post) return client.send('GET', `${path}?${encoded}`, undefined, headers);
  const url = `${path === '' ? '' : `${path}/`}_search`;
  return client.send('POST', url, { type: FORM, text: encoded }, headers);
}

/** A query string with the server's own base where its mark stands. */
export const withBase = ({ base }: Client, encoded: string): string =>
  encoded.replaceAll(BASE_MARK, encodeURIComponent(base));
