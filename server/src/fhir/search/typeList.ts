import { listed } from './faults.ts';

/** More types than this are not spelled out. */
const SPELLED_MAX = 20;

/** Resource types for a text that a person reads. */
export function typeList(types: readonly string[]): string {
  return types.length > SPELLED_MAX ? `any of ${types.length} types` : listed([...types].sort());
}
