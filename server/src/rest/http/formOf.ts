import type { IncomingMessage } from 'node:http';
import { answerForm, type AnswerForm } from './negotiation.ts';
import { parseQuery } from './query.ts';

export const PLAIN_JSON: AnswerForm = { format: 'json', pretty: false };

/** As {@link answerForm} for what is no list, but JSON where nothing that is accepted can be written. */
export function formOf(url: string, raw: IncomingMessage): AnswerForm {
  try {
    return answerForm(raw.headers, readableQuery(url), false);
  } catch {
    return PLAIN_JSON;
  }
}

/** The query of a URL that may be one that cannot be read. */
function readableQuery(url: string): ReturnType<typeof parseQuery> {
  const mark = url.indexOf('?');
  try {
    return mark < 0 ? [] : parseQuery(url.slice(mark + 1));
  } catch {
    return [];
  }
}
