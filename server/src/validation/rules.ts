import type { IssueCode } from '../fhir/outcome.ts';

/**
 * Every rule that can be broken, by its id, with the FHIR issue type it is reported under. The ids stand in
 * `Issue.details.coding[0].code` and are kept stable: clients may act on them.
 */
export const RULES = {
  'unknown-element': 'structure',
  'json-type': 'structure',
  'null-value': 'structure',
  'empty-array': 'structure',
  'empty-object': 'structure',
  'empty-string': 'value',
  'cardinality-min': 'required',
  'cardinality-max': 'structure',
  'choice-type': 'structure',
  'choice-multiple': 'structure',
  'array-alignment': 'structure',
  'extension-content': 'structure',
  'fhir-comments': 'structure',
  'resource-type-missing': 'required',
  'resource-type-unknown': 'value',
  'resource-type-misplaced': 'structure',
  'contained-nested': 'structure',
  'nesting-depth': 'structure',
  invariant: 'invariant',
  'profile-unknown': 'not-found',
  'string-too-long': 'too-long',
  'string-not-unicode': 'value',
  'string-nul': 'value',
  'control-character': 'value',
  'too-many-issues': 'informational',
  'format-base64-binary': 'value',
  'format-canonical': 'value',
  'format-code': 'value',
  'format-date': 'value',
  'format-date-time': 'value',
  'format-id': 'value',
  'format-instant': 'value',
  'format-integer': 'value',
  'format-oid': 'value',
  'format-positive-int': 'value',
  'format-time': 'value',
  'format-unsigned-int': 'value',
  'format-uri': 'value',
  'format-url': 'value',
  'format-uuid': 'value',
  'format-xhtml': 'value',
} as const satisfies Record<string, IssueCode>;

export type RuleId = keyof typeof RULES;
