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
  | 'operation'
  | 'create'
  | 'type-history'
  | 'read'
  | 'update'
  | 'patch'
  | 'delete'
  | 'conditional-update'
  | 'conditional-delete'
  | 'conditional-patch'
  | 'instance-history'
  | 'vread'
  | 'job-status'
  | 'job-cancel'
  | 'job-file';

export interface Route {
  interaction: InteractionName;
  /** Resource type; a search without one is of all types. */
  type?: string;
  id?: string;
  versionId?: string;
  /** The resource in whose compartment is searched (http://hl7.org/fhir/R4/http.html#search). */
  compartment?: { type: string; id: string };
  /** Name of the operation, without the `$`. */
  operation?: string;
  /** Id of a job, and one of its files. */
  job?: string;
  file?: string;
}

/** Path of the jobs below the FHIR base: no resource type and no interaction of FHIR is named like that. */
export const JOBS_PATH = '_jobs';

type Methods = Partial<Record<string, InteractionName>>;
type Place = Omit<Route, 'interaction'>;

const SYSTEM: Methods = { GET: 'search', POST: 'bundle' };
const METADATA: Methods = { GET: 'capabilities' };
const SYSTEM_HISTORY: Methods = { GET: 'system-history' };
const TYPE: Methods = {
  GET: 'search',
  POST: 'create',
  PUT: 'conditional-update',
  PATCH: 'conditional-patch',
  DELETE: 'conditional-delete',
};
const SEARCH: Methods = { GET: 'search' };
const SEARCH_POST: Methods = { POST: 'search-post' };
const TYPE_HISTORY: Methods = { GET: 'type-history' };
const INSTANCE: Methods = { GET: 'read', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const INSTANCE_HISTORY: Methods = { GET: 'instance-history' };
const VERSION: Methods = { GET: 'vread' };
/** Those that change something take POST only; the registry of operations knows which. */
const OPERATION: Methods = { GET: 'operation', POST: 'operation' };

const JOB: Methods = { GET: 'job-status', DELETE: 'job-cancel' };
const JOB_FILE: Methods = { GET: 'job-file' };

/** Every resource type, in the URL of a compartment. */
const ANY_TYPE = '*';

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
  const [first] = parts;
  const found =
    first !== undefined && definitions.isResourceType(first)
      ? belowType(definitions, parts)
      : belowSystem(parts);
  if (found === undefined) throw unknownPath();
  const [methods, place] = found;
  return { interaction: pick(methods, method), ...place };
}

function belowSystem(parts: readonly string[]): [Methods, Place] | undefined {
  const [first, second] = parts;
  if (first === undefined) return [SYSTEM, {}];
  if (first === JOBS_PATH) return belowJobs(parts.slice(1));
  if (second !== undefined) return undefined;
  if (first === 'metadata') return [METADATA, {}];
  if (first === '_history') return [SYSTEM_HISTORY, {}];
  if (first === '_search') return [SEARCH_POST, {}];
  return operationAt(first, {});
}

function belowJobs([job, file, ...more]: readonly string[]): [Methods, Place] | undefined {
  if (job === undefined || more.length > 0) return undefined;
  return file === undefined ? [JOB, { job }] : [JOB_FILE, { job, file }];
}

function belowType(definitions: Definitions, parts: readonly string[]): [Methods, Place] | undefined {
  const [type, second] = parts as [string, ...string[]];
  if (second === undefined) return [TYPE, { type }];
  if (second.startsWith('_') || second.startsWith('$')) {
    if (parts.length > 2) return undefined;
    if (second === '_search') return [SEARCH_POST, { type }];
    if (second === '_history') return [TYPE_HISTORY, { type }];
    return operationAt(second, { type });
  }
  return belowInstance(definitions, { type, id: second }, parts.slice(2));
}

function belowInstance(
  definitions: Definitions,
  resource: { type: string; id: string },
  [first, second, third, ...more]: readonly string[],
): [Methods, Place] | undefined {
  if (more.length > 0) return undefined;
  if (third !== undefined) {
    const isVersion = first === '_history';
    return isVersion ? operationAt(third, { ...resource, versionId: second! }) : undefined;
  }
  if (first === undefined) return [INSTANCE, resource];
  if (first === '_search' && second === undefined) return [SEARCH_POST, { compartment: resource }];
  if (first === '_history') {
    return second === undefined
      ? [INSTANCE_HISTORY, resource]
      : [VERSION, { ...resource, versionId: second }];
  }
  const isSearchPost = second === '_search';
  if (second !== undefined && !isSearchPost) return undefined;
  const methods = isSearchPost ? SEARCH_POST : SEARCH;
  if (first === ANY_TYPE) return [methods, { compartment: resource }];
  if (definitions.isResourceType(first)) return [methods, { type: first, compartment: resource }];
  return isSearchPost ? undefined : operationAt(first, resource);
}

function operationAt(name: string, place: Place): [Methods, Place] | undefined {
  return /^\$./.test(name) ? [OPERATION, { ...place, operation: name.slice(1) }] : undefined;
}

/** The request's method is not one that the URL knows. */
export class MethodNotAllowedError extends FhirError {
  readonly allow: string;

  /** @param methods those that the URL takes, HEAD and OPTIONS understood */
  constructor(methods: readonly string[]) {
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
    super('method-not-allowed', [errorIssue('not-supported', `This URL takes ${allow}.`)]);
    this.allow = allow;
  }
}

function pick(methods: Methods, method: string): InteractionName {
  const name = methods[method === 'HEAD' ? 'GET' : method];
  if (name === undefined) throw new MethodNotAllowedError(Object.keys(methods));
  return name;
}

/** The error that there is nothing at a URL. */
export function unknownPath(): FhirError {
  return fhirError(
    'not-found',
    'not-found',
    'There is nothing at this URL: see metadata for the resource types and interactions.',
  );
}
