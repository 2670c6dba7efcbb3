import { expect } from '@jest/globals';
import type { Identifier, ServiceRequest } from '@medplum/fhirtypes';
import type { TestServer } from '../../support/server.ts';

export const ACCESSION = 'https://maxray.example/fhir/sid/accession';
const HOSPITAL = 'https://hospital.example/accession';
const ACSN = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] };
const IMAGING = { coding: [{ system: 'http://snomed.info/sct', code: '363679005' }] };

type Order = ServiceRequest & { id: string };

/** An order for images, as an EHR sends it. */
export const order = (more: Partial<ServiceRequest> = {}): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  category: [IMAGING],
  subject: { reference: 'Patient/somebody' },
  ...more,
});

/** An accession number of a hospital's own. */
export const hospitalNumber = (value: string): Identifier => ({ type: ACSN, system: HOSPITAL, value });
export const studyUid = (uid: string): Identifier => ({ system: 'urn:dicom:uid', value: `urn:oid:${uid}` });

/** Of the identifiers that orders get. */
const ISSUED = {
  accession: /^[0-9A-HJKMNP-TV-Z]{15}[0-9A-Z]$/,
  study: /^urn:oid:2\.25\.[1-9][0-9]{0,38}$/,
};

/** The numbers of an order that was given both. */
export function issuedTo({ identifier = [] }: ServiceRequest): { accession: string; study: string } {
  const values = (system: string) =>
    identifier.filter((one) => one.system === system).map((one) => one.value);
  const [accession, study] = [values(ACCESSION), values('urn:dicom:uid')];
  expect([accession, study]).toEqual([
    [expect.stringMatching(ISSUED.accession)],
    [expect.stringMatching(ISSUED.study)],
  ]);
  return { accession: accession[0]!, study: study[0]! };
}

/** Which of the store's serial numbers an accession number was made of. */
export const serialOf = (accession: string): number =>
  [...accession.slice(3, 15)].reduce(
    (sum, character) => sum * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(character),
    0,
  );

/** Sends orders to a server. */
export class Orders {
  readonly #server: () => TestServer;

  constructor(server: () => TestServer) {
    this.#server = server;
  }

  async post(resource: ServiceRequest, status = 201, headers: Record<string, string> = {}): Promise<Order> {
    return this.#answer(this.#server().api().post('/ServiceRequest').set(headers).send(resource), status);
  }

  async put(resource: ServiceRequest, status = 200): Promise<Order> {
    return this.#answer(this.#server().api().put(`/ServiceRequest/${resource.id}`).send(resource), status);
  }

  async patch(id: string, operations: object[], status = 200): Promise<Order> {
    const type = 'application/json-patch+json';
    const patch = this.#server().api().patch(`/ServiceRequest/${id}`).set('Content-Type', type);
    return this.#answer(patch.send(JSON.stringify(operations)), status);
  }

  /** @returns the resources of the answer's entries */
  async transact(entry: object[], status = 200): Promise<Order[]> {
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    const send = this.#server().api().post('/').set('Prefer', 'return=representation').send(bundle);
    const { entry: answered = [] } = await this.#answer<{ entry?: { resource: Order }[] }>(send, status);
    return answered.map(({ resource }) => resource);
  }

  async #answer<T = Order>(
    send: ReturnType<ReturnType<TestServer['api']>['get']>,
    status: number,
  ): Promise<T> {
    const answer = await send;
    if (answer.status !== status)
      throw new Error(`${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }
}

export const posted = (resource: ServiceRequest) => ({
  resource,
  request: { method: 'POST', url: 'ServiceRequest' },
});

/** What an OperationOutcome says is wrong, and where. */
export const faultOf = (body: unknown): [string, string | undefined] => {
  const [issue] = (body as { issue: { code: string; expression?: string[] }[] }).issue;
  return [issue!.code, issue!.expression?.[0]];
};
