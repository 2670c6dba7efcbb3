/** MaxRay's own profiles, extensions, value sets, code systems and search parameters, examples of them, and the roles. */
export { CANONICAL_BASE, loadProfiles } from './definitions.ts';
export type { ProfileResource } from './definitions.ts';
export { loadPublished } from './published.ts';
export type { PublishedResource } from './published.ts';
export { loadExamples } from './examples.ts';
export type { Example, ExpectedIssue } from './examples.ts';
export { loadRoles } from './roles.ts';
export type { Role, RoleGroup } from './roles.ts';
export { loadServicePolicy } from './services.ts';
export { loadTopics } from './topics.ts';
