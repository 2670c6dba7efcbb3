import { FhirError, type IssueCode } from '../fhir/outcome.ts';

/** How a run can fail. */
export type BotFailure =
  | 'off' // it is switched off
  | 'no-code' // nothing was deployed
  | 'thrown' // its handler threw, or cannot be loaded
  | 'timeout'
  | 'memory'
  | 'output' // it said or asked too much
  | 'crash' // its process ended
  | 'stopped'; // the server ends

const CODE_SYSTEM = 'https://maxray.example/fhir/CodeSystem/maxray-bot-failure';
const ISSUE_CODES: Readonly<Record<BotFailure, IssueCode>> = {
  off: 'business-rule',
  'no-code': 'not-supported',
  thrown: 'processing',
  timeout: 'timeout',
  memory: 'too-costly',
  output: 'too-long',
  crash: 'exception',
  stopped: 'transient',
};

/** A run that came to no good end. The message may quote what the bot said: it is for those who may execute it, not for logs. */
export class BotError extends FhirError {
  readonly failure: BotFailure;

  constructor(failure: BotFailure, text: string) {
    const issue = {
      severity: 'error' as const,
      code: ISSUE_CODES[failure],
      details: { coding: [{ system: CODE_SYSTEM, code: failure }] },
      diagnostics: text,
    };
    super(failure === 'stopped' ? 'busy' : 'unprocessable', [issue]);
    this.name = 'BotError';
    this.failure = failure;
  }
}
