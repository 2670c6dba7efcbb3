import { list, object, text, type Json } from '../evaluate/world.ts';
import type { Answer } from './client.ts';

/** An entry of a searchset. */
export interface Entry {
  /** `Type/id`; of what is contained, `Type/id#id`. */
  name: string;
  fullUrl: string | undefined;
  resource: Json;
  /** How well it answers a search by full text. */
  score: unknown;
}

/** What a searchset Bundle says. */
export interface Page {
  matches: readonly Entry[];
  /** What came along. */
  included: readonly Entry[];
  /** Remarks on the search: issues of OperationOutcomes. */
  remarks: readonly Json[];
  total?: number;
  self?: string;
  next?: string;
  previous?: string;
}

export const namesOf = (entries: readonly Entry[]): string[] => entries.map(({ name }) => name);

/** @throws Error when the answer is no searchset */
export function readPage({ status, text: body }: Answer): Page {
  if (status !== 200) throw new Error(`answered ${status}: ${diagnostics(body)}`);
  const bundle = JSON.parse(body) as Json;
  const entries = list(bundle.entry).map((entry) => object(entry) ?? {});
  const of = (mode: string) => entries.filter((entry) => object(entry.search)?.mode === mode);
  const [matches, included, outcomes] = [of('match'), of('include'), of('outcome')];
  if (matches.length + included.length + outcomes.length !== entries.length)
    throw new Error('an entry of the Bundle has no search.mode');
  const remarks = outcomes.flatMap(({ resource }) => issuesOf(object(resource)));
  const page: Page = { matches: matches.map(entryOf), included: included.map(entryOf), remarks };
  if (typeof bundle.total === 'number') page.total = bundle.total;
  for (const relation of ['self', 'next', 'previous'] as const) {
    const links = list(bundle.link).map(object);
    const url = text(links.find((one) => one?.relation === relation)?.url);
    if (url !== undefined) page[relation] = url;
  }
  return page;
}

function entryOf({ fullUrl, resource: json, search }: Json): Entry {
  const resource = object(json) ?? {};
  const inside = /\/([A-Z]\w*\/[^/]+#.+)$/.exec(text(fullUrl) ?? '')?.[1];
  const name = inside ?? `${String(resource.resourceType)}/${String(resource.id)}`;
  return { name, fullUrl: text(fullUrl), resource, score: object(search)?.score };
}

const issuesOf = (outcome: Json | undefined): Json[] =>
  list(outcome?.issue).flatMap((issue): Json[] => [object(issue) ?? {}]);

/** The issues of an OperationOutcome; none where the text is no such thing. */
export function issuesIn(body: string): Json[] {
  try {
    const outcome = JSON.parse(body) as Json;
    return outcome.resourceType === 'OperationOutcome' ? issuesOf(outcome) : [];
  } catch {
    return [];
  }
}

const diagnostics = (body: string): string =>
  issuesIn(body)
    .map((issue) => text(issue.diagnostics))
    .join(' ') || body.slice(0, 500);
