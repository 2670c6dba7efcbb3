import { describe, expect, test } from '@jest/globals';
import { errorResponse } from '../../../src/rest/http/errors.ts';
import { textOf } from '../../../src/rest/http/pieces.ts';

/** The answer to an error of PostgreSQL, and what the log learns of it. */
function answerTo(error: unknown) {
  const defects: unknown[] = [];
  const { status, headers, body } = errorResponse(error, (defect) => defects.push(defect));
  const { issue } = JSON.parse(textOf(body!)) as { issue: { code: string; diagnostics: string }[] };
  return { status, retryAfter: headers?.['Retry-After'], ...issue[0]!, defects: defects.length };
}
const sqlError = (code: string) => Object.assign(new Error('row contains Jane Doe'), { code });

describe('errors of the database', () => {
  test('a statement cut off at its time limit may be a write: the text fits both', () => {
    const answer = answerTo(sqlError('57014'));
    expect(answer).toMatchObject({ status: 503, code: 'too-costly', defects: 0 });
    expect(answer.diagnostics).toMatch(/nothing was done.*search.*write/);
  });

  test.each(['53100', '53200', '53300'])('%s: no room is no fault of the request, and is logged', (code) => {
    expect(answerTo(sqlError(code))).toMatchObject({
      status: 503,
      retryAfter: '30',
      code: 'transient',
      defects: 1,
    });
  });

  test.each([sqlError('23505'), sqlError('EPIPE'), new TypeError('Jane Doe'), 'Jane Doe', null])(
    'anything else is a defect that quotes nothing',
    (error) => {
      const answer = answerTo(error);
      expect(answer).toMatchObject({ status: 500, code: 'exception', defects: 1 });
      expect(answer.diagnostics).not.toContain('Jane');
    },
  );
});
