import type { Caller } from '../caller.ts';
import { authorOf } from './writeProvenance.ts';

/** The caller, whose writes the record is to say who has made them: they are decisions that others rely on. */
export function asAuthor(caller: Caller): Caller {
  if (caller.provenance?.agent || !caller.token) return caller;
  const { clientId, userId, profile } = caller.token;
  return { ...caller, provenance: { ...caller.provenance, agent: authorOf({ clientId, userId, profile }) } };
}
