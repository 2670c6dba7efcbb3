import { StartError } from '../startError.ts';

/** The store of a server that has only one. */
export const DEFAULT_SCHEMA = 'maxray';

const SCHEMA_NAME = /^(?!pg_)[a-z][a-z0-9_]{0,40}$/;

/**
 * A schema's name as it goes into statements: in quotes, since it may also be a word of SQL (`order`).
 * @throws StartError when it is not a name for a store
 */
export function quoted(schema: string): string {
  if (SCHEMA_NAME.test(schema)) return `"${schema}"`;
  throw new StartError(
    `"${schema}" cannot be the name of a store: it takes a-z, 0-9 and _, begins with a letter but not with pg_, and has at most 41 characters.`,
  );
}
