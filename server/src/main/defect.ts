import { isNativeError } from 'node:util/types';

/** Where and how something failed, without its message, which may quote content. */
export function describeDefect(error: unknown): { name: string; code?: string; stack?: string } {
  if (!isNativeError(error)) return { name: typeof error };
  const stack = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
  const code = (error as { code?: string }).code;
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
  };
}
