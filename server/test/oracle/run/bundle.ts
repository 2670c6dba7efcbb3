import { list, object, text, type Json } from '../evaluate/world.ts';
import type { Answer } from './client.ts';

/** What a searchset Bundle says. */
export interface Page {
  /** `Type/id` of the matches, in order. */
  matches: string[];
  /** `Type/id` of what came along. */
  included: string[];
  total?: number;
  next?: string;
  previous?: string;
}

/** @throws Error when the answer is no searchset */
export function readPage({ status, text: body }: Answer): Page {
  if (status !== 200) throw new Error(`answered ${status}: ${diagnostics(body)}`);
  const bundle = JSON.parse(body) as Json;
  const entries = list(bundle.entry).map((entry) => object(entry) ?? {});
  const named = (mode: string) =>
    entries
      .filter((entry) => object(entry.search)?.mode === mode)
      .map(({ resource }) => nameOfJson(object(resource)));
  const link = (relation: string) => {
    const found = list(bundle.link)
      .map(object)
      .find((one) => one?.relation === relation);
    return text(found?.url);
  };
  const page: Page = { matches: named('match'), included: named('include') };
  const [next, previous] = [link('next'), link('previous')];
  if (typeof bundle.total === 'number') page.total = bundle.total;
  if (next !== undefined) page.next = next;
  if (previous !== undefined) page.previous = previous;
  return page;
}

const nameOfJson = (resource: Json | undefined): string =>
  `${String(resource?.resourceType)}/${String(resource?.id)}`;

function diagnostics(body: string): string {
  try {
    return list((JSON.parse(body) as Json).issue)
      .map((issue) => text(object(issue)?.diagnostics))
      .join(' ');
  } catch {
    return body.slice(0, 500);
  }
}
