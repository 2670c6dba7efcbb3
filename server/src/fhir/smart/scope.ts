import { FhirError } from '../outcome.ts';
import { parseQuery } from '../search/queryString.ts';

/**
 * Scopes that tell what may be done with resources (SMART App Launch 2.2, "Scopes and Launch Context"): the second
 * version's `patient/Observation.rs?category=laboratory`, and the first one's `patient/*.read`.
 */

/** `create`, `read` (also vread and history), `update`, `delete`, `search`: the letters c, r, u, d, s. */
export type Interaction = 'create' | 'read' | 'update' | 'delete' | 'search';

export interface ResourceScope {
  context: 'patient' | 'user' | 'system';
  /** Name of a resource type, which need not be one of R4; or `*`. */
  type: string;
  /** Not empty. */
  interactions: ReadonlySet<Interaction>;
  /** Search of the type that a resource must match, as written, without its question mark. */
  query?: string;
}

/** Longest scope, in characters. */
export const SCOPE_CHARS_MAX = 2048;

/** In the order in which a scope must write the letters. */
export const INTERACTIONS: readonly Interaction[] = ['create', 'read', 'update', 'delete', 'search'];

const LETTERS = 'cruds';
/** What the words of the first version stand for. */
const FIRST_VERSION: ReadonlyMap<string, string> = new Map([
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', LETTERS],
]);
const SHAPE = /^(patient|user|system)\/([^.?]*)(?:\.([^?]*))?(?:\?(.*))?$/s;
/** RFC 6749, 3.3: printable ASCII but space, quotation mark and backslash. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Reads a scope about resources. Undefined for any other scope (`openid`, `launch/patient`), and for one that is
 * malformed, so that it allows nothing: {@link resourceScopeFault} tells which.
 */
export function parseResourceScope(text: string): ResourceScope | undefined {
  const read = readScope(text);
  return typeof read === 'string' ? undefined : read;
}

/**
 * What is wrong with a scope that begins as one about resources (`patient/`, `user/`, `system/`): a sentence for its
 * client. Undefined where nothing is, and for all other scopes.
 */
export function resourceScopeFault(text: string): string | undefined {
  const read = readScope(text);
  return typeof read === 'string' ? read : undefined;
}

/**
 * The scope's text, in the second version's form.
 *
 * @throws Error where it allows no interaction: then there is no such scope
 */
export function renderResourceScope({ context, type, interactions, query }: ResourceScope): string {
  const letters = INTERACTIONS.map((name, i) => (interactions.has(name) ? LETTERS[i] : '')).join('');
  if (letters === '') throw new Error('A scope without interactions has no text');
  return `${context}/${type}.${letters}${query === undefined ? '' : `?${query}`}`;
}

/**
 * Whether everything that `asked` allows is allowed by `granted` already, so that granting it instead is a reduction. Contexts
 * must be the same. A query is narrower than another when it has all parameters of the other, as they are there, and maybe more.
 */
export function covers(granted: ResourceScope, asked: ResourceScope): boolean {
  return hasReach(granted, asked) && [...asked.interactions].every((name) => granted.interactions.has(name));
}

/** Whether the scopes together allow everything that `asked` does: each of its interactions is allowed by one of them. */
export function coveredByAny(granted: readonly ResourceScope[], asked: ResourceScope): boolean {
  const reaching = granted.filter((scope) => hasReach(scope, asked));
  return [...asked.interactions].every((name) => reaching.some(({ interactions }) => interactions.has(name)));
}

/** Whether two scopes allow the same, however they are written. */
export function sameScope(a: ResourceScope, b: ResourceScope): boolean {
  return covers(a, b) && covers(b, a);
}

/** The same context, every type and every resource of the asked one. */
function hasReach(granted: ResourceScope, asked: ResourceScope): boolean {
  if (granted.context !== asked.context) return false;
  if (granted.type !== '*' && granted.type !== asked.type) return false;
  const narrowed = queryPairs(asked.query);
  return [...queryPairs(granted.query)].every((pair) => narrowed.has(pair));
}

/** Each parameter as a text of its own, whatever its encoding. */
function queryPairs(query: string | undefined): Set<string> {
  return new Set(parseQuery(query ?? '').map((pair) => JSON.stringify(pair)));
}

/** The scope; a text, what is wrong with it; undefined, that it is none about resources. */
function readScope(text: string): ResourceScope | string | undefined {
  if (!/^(?:patient|user|system)\//.test(text)) return undefined;
  if (text.length > SCOPE_CHARS_MAX) return `A scope is longer than ${SCOPE_CHARS_MAX} characters.`;
  if (!SCOPE_TOKEN.test(text)) {
    return 'A scope has a character that scopes cannot have (RFC 6749, 3.3): percent-encode it in a query.';
  }
  const [, context, type, actions, query] = SHAPE.exec(text)!;
  if (!/^(?:\*|[A-Z][A-Za-z]*)$/.test(type!)) {
    return `The scope '${text}' must name a resource type after '${context!}/', or * for all.`;
  }
  if (actions === undefined)
    return `The scope '${text}' must say what is allowed: write '.rs' after the type.`;
  const letters = query === undefined ? (FIRST_VERSION.get(actions) ?? actions) : actions;
  const fault = lettersFault(letters) ?? (query === undefined ? undefined : queryFault(query));
  if (fault !== undefined) return `The scope '${text}' ${fault}`;
  return {
    context: context as ResourceScope['context'],
    type: type!,
    interactions: new Set(INTERACTIONS.filter((_, i) => letters.includes(LETTERS[i]!))),
    ...(query === undefined ? {} : { query }),
  };
}

function lettersFault(letters: string): string | undefined {
  if (FIRST_VERSION.has(letters)) {
    return `has a query after '.${letters}': write letters of 'cruds' in its place, such as '.rs'.`;
  }
  if (letters !== '' && /^c?r?u?d?s?$/.test(letters)) return undefined;
  return "must end its type with '.' and letters of 'cruds', each once and in that order, or with .read, .write or .*.";
}

function queryFault(query: string): string | undefined {
  let pairs;
  try {
    pairs = parseQuery(query);
  } catch (error) {
    if (error instanceof FhirError) return 'has broken percent-encoding in its query: encode it as UTF-8.';
    throw error;
  }
  if (pairs.length === 0) return 'has an empty query: leave the question mark out.';
  if (pairs.every(([name, value]) => name !== '' && value !== '')) return undefined;
  return "has a parameter without a name or a value in its query: write 'name=value'.";
}
