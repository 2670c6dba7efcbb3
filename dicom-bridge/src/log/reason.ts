import { OperationOutcomeError } from '@medplum/core';

/** What went wrong and where, without the words of an error that is not expected, or of the server: these may quote content. */
export function reasonOf(error: unknown): string {
  if (error instanceof OperationOutcomeError) {
    const issues = error.outcome.issue.map(({ code, expression = [] }) => [code, ...expression].join(' '));
    return `The server refuses it: ${issues.join('; ')}.`;
  }
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as NodeJS.ErrnoException;
  const place = /^\s+(at .+)$/m.exec(error.stack ?? '')?.[1];
  return [error.name, code, place].filter((part) => part !== undefined).join(' ');
}
