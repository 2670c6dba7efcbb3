/** The demo clinic: deterministic FHIR R4 data, made by code. Pure: no files, no clock, no chance but the seed. */
export { demoClinic } from './demo.ts';
export type { DemoOptions } from './demo.ts';
export type { TransactionBundle, TransactionEntry } from './kit/bundle.ts';
export { demoUsers, officeStaff } from './users.ts';
export type { DemoUser } from './users.ts';
