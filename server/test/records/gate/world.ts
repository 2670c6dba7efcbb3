import type { AccessPolicy, AccessPolicyResource } from '@medplum/fhirtypes';
import type { Access } from '../../../src/access/access.ts';
import type { AccessContext } from '../../../src/access/context.ts';
import { createAccess } from '../../../src/access/createAccess.ts';
import { callerVariables, type Grants } from '../../../src/access/grants.ts';
import { parseJson, type ParsedJson } from '../../../src/fhir/json/parse.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { LOCAL_CALLER, type Caller } from '../../../src/records/caller.ts';
import { Cursors } from '../../../src/records/cursors.ts';
import { EverythingRecords } from '../../../src/records/everything.ts';
import { accessContext } from '../../../src/records/gate/policyCheck.ts';
import { Records } from '../../../src/records/records.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import type { Validator } from '../../../src/validation/validator.ts';
import { accessOf, policy } from '../../access/support.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { testDatabase } from '../../support/postgres.ts';

type Limited = Caller & { access: Access };

/** Records on a store of the test file's own, and callers with policies. */
export class GateWorld {
  readonly store: Store;
  readonly records: Records;
  readonly close: () => Promise<void>;
  readonly #context: AccessContext;

  private constructor(store: Store, records: Records, close: () => Promise<void>) {
    this.store = store;
    this.records = records;
    this.close = close;
    this.#context = accessContext(store);
  }

  /** @param validator by default R4's rules */
  static async open(validator?: Validator): Promise<GateWorld> {
    const { database, schema, close } = await testDatabase();
    const definitions = await r4Definitions();
    const secret = new Uint8Array(16).fill(3);
    const store = openStore(database, schema, definitions, secret, 'http://maxray.example/fhir/R4');
    const cursors = new Cursors(new Uint8Array(32));
    const records = new Records(store, { validator: validator ?? createValidator(definitions), cursors });
    return new GateWorld(store, records, close);
  }

  /** Somebody whom these rules allow something. */
  caller(...rules: AccessPolicyResource[]): Limited {
    return this.withPolicy(policy(...rules));
  }

  withGrants(grants: Grants): Limited {
    return { id: 'somebody', isAdministrator: false, access: createAccess(this.#context, grants), agent: {} };
  }

  /** @param who variables; by default a practitioner's */
  withPolicy(one: AccessPolicy, who?: Parameters<typeof callerVariables>[0]): Limited {
    const access = accessOf(this.#context, [one], who && { variables: callerVariables(who) });
    return { id: 'somebody', isAdministrator: false, access, agent: {} };
  }

  async put(...resources: { resourceType: string; id: string }[]): Promise<void> {
    for (const one of resources) await this.records.update(LOCAL_CALLER, one.resourceType, one.id, body(one));
  }

  /** A patient's `$everything`, as `Type/id`. */
  async everything(caller: Caller, id: string) {
    const door = new EverythingRecords(this.store, this.records, new Cursors(new Uint8Array(32)));
    const { matches, included } = await door.page(caller, { type: 'Patient', id, care: {}, count: 100 });
    return { matches: names(matches), included: names(included) };
  }

  /** Matches and what came with them, as `Type/id`, and the total. */
  async search(caller: Caller, type: string, query: string) {
    const pairs = [...new URLSearchParams(query)];
    const parsed = this.records.parseSearch({ type }, pairs, 'strict');
    const { matches, included, total } = await this.records.search(caller, parsed.query);
    return { matches: names(matches), included: names(included), total };
  }
}

const names = (found: readonly { type: string; id: string }[]) =>
  found.map(({ type, id }) => `${type}/${id}`).sort();

export interface Observation {
  resourceType: string;
  id: string;
  [name: string]: unknown;
}

/** With an identifier like its id. */
export const observation = (id: string, patient: string, more: object = {}): Observation => ({
  resourceType: 'Observation',
  id,
  identifier: [{ system: 'urn:s', value: id }],
  status: 'final',
  code: { text: 'x' },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

export const body = (resource: object): ParsedJson => parseJson(Buffer.from(JSON.stringify(resource)));

/** Category and expressions of the refusal; `none` where there was none. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return [error.category, ...error.issues.flatMap(({ expression = [] }) => expression)].join(' ');
  }
}
