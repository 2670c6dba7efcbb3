import type { Definitions } from '../fhir/definitions/types.ts';
import { FhirError, errorIssue, fhirError } from '../fhir/outcome.ts';
import { decodePart } from './http/query.ts';

/** Names of the interactions that a URL and method can mean (http://hl7.org/fhir/R4/http.html). */
export type InteractionName =
  | 'capabilities'
  | 'bundle'
  | 'system-history'
  | 'search'
  | 'search-post'
  | 'create'
  | 'type-history'
  | 'read'
  | 'update'
  | 'delete'
  | 'instance-history'
  | 'vread';

export interface Route {
  interaction: InteractionName;
  type?: string;
  id?: string;
  versionId?: string;
}

type Methods = Partial<Record<string, InteractionName>>;

const SYSTEM: Methods = { POST: 'bundle' };
const METADATA: Methods = { GET: 'capabilities' };
const SYSTEM_HISTORY: Methods = { GET: 'system-history' };
const TYPE: Methods = { GET: 'search', POST: 'create' };
const SEARCH_POST: Methods = { POST: 'search-post' };
const TYPE_HISTORY: Methods = { GET: 'type-history' };
const INSTANCE: Methods = { GET: 'read', PUT: 'update', DELETE: 'delete' };
const INSTANCE_HISTORY: Methods = { GET: 'instance-history' };
const VERSION: Methods = { GET: 'vread' };

/**
 * FHIR's URL grammar, matched by hand.
 *
 * @param path what follows the base, with or without a leading slash, still percent-encoded
 * @throws FhirError `not-found`, `method-not-allowed` (its message names the methods that are)
 */
export function route(definitions: Definitions, method: string, path: string): Route {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart);
  const [first, second, third, fourth] = parts;
  if (first === undefined) return { interaction: pick(SYSTEM, method) };
  if (parts.length === 1 && first === 'metadata') return { interaction: pick(METADATA, method) };
  if (parts.length === 1 && first === '_history') return { interaction: pick(SYSTEM_HISTORY, method) };
  if (!definitions.isResourceType(first)) throw unknownPath();
  const type = first;
  if (second === undefined) return { interaction: pick(TYPE, method), type };
  if (parts.length === 2 && second === '_search') return { interaction: pick(SEARCH_POST, method), type };
  if (parts.length === 2 && second === '_history') return { interaction: pick(TYPE_HISTORY, method), type };
  if (second.startsWith('_') || second.startsWith('$')) throw unknownPath();
  if (parts.length === 2) return { interaction: pick(INSTANCE, method), type, id: second };
  if (third !== '_history' || parts.length > 4) throw unknownPath();
  if (fourth === undefined) return { interaction: pick(INSTANCE_HISTORY, method), type, id: second };
  return { interaction: pick(VERSION, method), type, id: second, versionId: fourth };
}

/** The request's method is not one that the URL knows. */
export class MethodNotAllowedError extends FhirError {
  readonly allow: string;

  constructor(methods: Methods) {
    const allow = allowed(methods);
    super('method-not-allowed', [errorIssue('not-supported', `This URL takes ${allow}.`)]);
    this.allow = allow;
  }
}

function pick(methods: Methods, method: string): InteractionName {
  const name = methods[method === 'HEAD' ? 'GET' : method];
  if (name === undefined) throw new MethodNotAllowedError(methods);
  return name;
}

function allowed(methods: Methods): string {
  const names = Object.keys(methods);
  return [...names, ...(names.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

function unknownPath() {
  return fhirError(
    'not-found',
    'not-found',
    'There is nothing at this URL: see metadata for the resource types and interactions.',
  );
}
