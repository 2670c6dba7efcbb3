/** MaxRay's own profiles, extensions, value sets, code systems and search parameters, and examples of them. */
export { CANONICAL_BASE, loadProfiles } from './definitions.ts';
export type { ProfileResource } from './definitions.ts';
export { loadExamples } from './examples.ts';
export type { Example, ExpectedIssue } from './examples.ts';
